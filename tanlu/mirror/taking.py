"""From a service to a folder: the head first, then every page against it, then what there is besides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from ledger.archive.layout import EquivocationLine, HeadLine, RefusedLine
from ledger.archive.reading import open_archive
from ledger.audit.of_archive import ArchiveLog
from ledger.chain.contracts import Deployment
from ledger.checkpoint import Checkpoint, Note, verify_signatures
from ledger.errors import ProofInvalid
from ledger.merkle import verify_consistency
from ledger.trust import Trust
from ledger.trust import parse as parse_trust
from tanlu.client import Client
from tanlu.client.evidence import keep
from tanlu.client.mirror import MirrorDeployment, Part
from tanlu.errors import PromiseBroken, RefusedByService
from tanlu.mirror.folder import PAGE, Begun, MirrorFolder, page_name, row_of
from tanlu.mirror.lies import another_tree, another_trust, forked_log, short_page, shorter_log
from tanlu.mirror.tree import SignedTree

_PARTS: Final[dict[Part, type[msgspec.Struct]]] = {
    "heads": HeadLine,
    "equivocations": EquivocationLine,
    "refused": RefusedLine,
}
_NOT_FOUND: Final = 404
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A log that is wholly here, and what the service says of the chain. ``trust``: the operator's trust file as it is,
    which says what one's own says. ``fetched``: pages that were not there before."""

    folder: MirrorFolder
    head: Checkpoint
    begun: Begun
    trust: bytes
    fetched: int

    @property
    def deployment(self) -> Deployment | None:
        """Contracts and first block by the service's word."""
        said = self.begun.standing.deployment
        return None if said is None else _deployment(said)


def take_mirror(
    client: Client, trust: Trust, folder: MirrorFolder, *, until: int | None, known: Path | None, progress: Progress
) -> Mirrored:
    """Fetch what is not there yet of the log that the service signed, and check all of it.

    ``until``: the size of a cosigned checkpoint, by default the newest; a mirror that was begun ends where it was to
    end. ``known``: an archive from before, which the log must extend. Raises PromiseBroken, its evidence kept in the
    folder, RefusedByService, ServiceUnavailable, InputRefused.
    """
    begun = folder.begun()
    if begun is None:
        begun = Begun(log=trust.log, note=client.checkpoint(until), standing=client.mirror.standing())
        folder.begin(begun)
    try:
        if known is not None:
            _require_extends(client, known, trust, _head(begun.note, trust))
        return _take(client, trust, folder, begun, progress)
    except PromiseBroken as broken:
        raise keep(folder.evidence, broken, checkpoint=begun.note) if broken.evidence is None else broken from None


def _take(client: Client, trust: Trust, folder: MirrorFolder, begun: Begun, progress: Progress) -> Mirrored:
    head = _head(begun.note, trust)
    _require_same(client, begun.note, head, trust)
    operators = client.trust()
    said = parse_trust(operators)
    if said != trust:
        raise another_trust(_differing(said, trust), "the same in both")
    tree = SignedTree(head, client.mirror.tile)
    pages, fetched = -(-head.size // PAGE), 0
    for page in range(pages):
        if not _is_good(folder, tree, page):
            data = _page(client, page, head.size)
            _check(tree, page, data)
            folder.write(page_name(page), data)
            fetched += 1
        progress("log", min((page + 1) * PAGE, head.size), head.size)
    for part, kind in _PARTS.items():
        data = client.mirror.part(part, head.size)
        _check_lines(part, data, kind)
        folder.write(f"{part}.jsonl", data)
    if head.root not in {_head(one.note or "", trust).root for one in folder.heads() if one.size == head.size}:
        raise short_page("heads", "without the checkpoint of this size", f"size {head.size}")
    return Mirrored(folder, head, begun, operators, fetched)


def _page(client: Client, page: int, size: int) -> bytes:
    try:
        return client.mirror.page(page, size)
    except RefusedByService as refused:
        if refused.status != _NOT_FOUND:
            raise
        raise short_page(f"page {page}", "no such page", f"entries of a log of {size}") from refused


def _head(note: str, trust: Trust) -> Checkpoint:
    """The checkpoint of a note, its signatures judged. Raises LedgerError."""
    parsed = Note.parse(note.encode("utf-8"))
    verify_signatures(parsed, [trust.log_key], 1, rule="checkpoint.log_signature")
    verify_signatures(parsed, trust.witnesses, trust.witness_quorum, rule="checkpoint.witnesses")
    return Checkpoint.parse(parsed.text)


def _require_same(client: Client, note: str, head: Checkpoint, trust: Trust) -> None:
    try:
        shown = client.checkpoint(head.size)
    except RefusedByService as refused:
        if refused.status != _NOT_FOUND:
            raise
        raise shorter_log("no checkpoint of this size any more", f"size {head.size}") from refused
    if shown != note and _head(shown, trust).root != head.root:
        raise forked_log(f"{head.size}: {_head(shown, trust).root.hex()}", head.root.hex())


def _require_extends(client: Client, known: Path, trust: Trust, head: Checkpoint) -> None:
    """The log of an archive from before is where this one begins."""
    with open_archive(known) as archive:
        notes = [one.note for one in ArchiveLog(archive).heads() if one.note is not None]
    own = [note for note in notes if Checkpoint.parse(Note.parse(note.encode("utf-8")).text).origin == head.origin]
    before = max((_head(note, trust) for note in own), key=lambda one: one.size, default=None)
    if before is None:
        return
    if before.size > head.size:
        raise shorter_log(f"{head.size} entries", f"at least {before.size}, as in {known.name}")
    proof = client.consistency(before.size, head.size) if before.size != head.size else []
    try:
        verify_consistency(before.size, head.size, before.root, head.root, proof)
    except ProofInvalid as error:
        raise forked_log(f"{before.size}: {error.value}", f"a log that begins as {known.name}") from error


def _is_good(folder: MirrorFolder, tree: SignedTree, page: int) -> bool:
    data = folder.read(page_name(page))
    if data is None:
        return False
    try:
        _check(tree, page, data)
    except PromiseBroken:
        return False
    return True


def _check(tree: SignedTree, page: int, data: bytes) -> None:
    first, end = page * PAGE, min((page + 1) * PAGE, tree.size)
    try:
        rows = [row_of(line) for line in data.splitlines()]
    except ValueError as error:
        raise short_page(f"page {page}", error, "lines of entries") from error
    if [row.index for row in rows] != list(range(first, end)):
        raise short_page(f"page {page}", f"{len(rows)} entries", f"entries {first} to {end - 1}")
    tree.check(first, [row.entry for row in rows])


def _check_lines(part: Part, data: bytes, kind: type[msgspec.Struct]) -> None:
    decoder = msgspec.json.Decoder(kind)
    try:
        for line in data.splitlines():
            decoder.decode(line)
    except msgspec.DecodeError as error:
        raise short_page(part, error, f"lines of {part}") from error


def _differing(said: Trust, own: Trust) -> str:
    names = (name for name in own.__slots__ if getattr(said, name) != getattr(own, name))
    return ", ".join(f"{name} {getattr(said, name)}" for name in names)


def _deployment(said: MirrorDeployment) -> Deployment:
    try:
        return Deployment(
            chain_id=said.chain_id,
            deployment_id=bytes.fromhex(said.deployment_id),
            addresses={name: bytes.fromhex(address) for name, address in said.contracts.items()},
            cosigners=(),
            threshold=0,
            first_block=said.first_block,
        )
    except ValueError as error:
        raise another_tree(error, "addresses as hexadecimal digits") from error
