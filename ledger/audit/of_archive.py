"""Evidence of an archive: entries and heads of the log, headers and receipts of the chain, read where they lie."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec

from attestation.errors import AttestationError
from attestation.jws import parse_header
from ledger.archive.layout import (
    EQUIVOCATIONS,
    HEADS,
    PER_FILE,
    REFUSED,
    EntryLine,
    EquivocationLine,
    HeadLine,
    ReceiptsLine,
    RefusedLine,
    entries_name,
    headers_name,
    malformed,
    receipts_name,
)
from ledger.archive.reading import Archive, MemberFault, open_archive
from ledger.audit.evidence import EntryRow, HeadRow, LogEvidence, RefusedRow
from ledger.chain.contracts import Deployment
from ledger.chain.errors import ChainUnavailable
from ledger.chain.rpc import Block, BlockTag, Log
from ledger.chain.wire import parsed, to_block, to_logs

_READINGS: Final = frozenset({"reading", "close"})


class _Numbered(msgspec.Struct):
    number: int


_block: Final = itemgetter(0)
_numbered: Final = msgspec.json.Decoder(_Numbered)


class ArchiveLog:
    """The log's part."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def count(self) -> int:
        """See ``LogEvidence``: what the archive says of itself; the heads say whether it is so."""
        return self._archive.about.size

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        """See ``LogEvidence``."""
        for number in range(first // PER_FILE, last // PER_FILE + 1):
            name = entries_name(number)
            if name not in self._archive:
                continue
            seen = bytearray(PER_FILE)
            for line in self._archive.lines(name, EntryLine):
                # One that stands twice, or elsewhere, is read by some and by others not.
                place = line.index - number * PER_FILE
                if not 0 <= place < PER_FILE or seen[place]:
                    raise malformed(f"entry {line.index} once more in {name}", "each entry once, in its own member")
                seen[place] = 1
                if first <= line.index <= last:
                    yield EntryRow(line.index, line.accepted_at, line.entry.encode("ascii", "replace"), {})

    def others(self) -> Iterator[EntryRow]:
        """See ``LogEvidence``: by the type that each entry's own header says."""
        for row in self.entries(0, self.count() - 1):
            if _type_of(row.entry.partition(b".")[0]) not in _READINGS:
                yield row

    def leaf(self, index: int) -> bytes | None:
        """See ``LogEvidence``: an archive has no leaves apart from its entries."""
        return None

    def streams(self) -> Mapping[int, tuple[str, str]]:
        """See ``LogEvidence``."""
        return {}

    def heads(self) -> Iterator[HeadRow]:
        """See ``LogEvidence``."""
        for line in self._archive.lines(HEADS, HeadLine):
            yield HeadRow(line.epoch, line.size, line.note)

    def equivocations(self) -> Iterator[tuple[int, bytes]]:
        """See ``LogEvidence``."""
        for line in self._archive.lines(EQUIVOCATIONS, EquivocationLine):
            yield line.index, line.entry.encode("ascii", "replace")

    def refused(self) -> Iterator[RefusedRow]:
        """See ``LogEvidence``."""
        if REFUSED in self._archive:
            for line in self._archive.lines(REFUSED, RefusedLine):
                yield RefusedRow(_bytes(line.op_id), line.kind, line.reason)

    def locator(self) -> ArchiveLocator:
        """See ``LogEvidence``."""
        return ArchiveLocator(self._archive.path)


@dataclass(frozen=True, slots=True)
class ArchiveLocator:
    """Opens the archive again."""

    path: Path

    @contextmanager
    def open(self) -> Iterator[LogEvidence]:
        """See ``Locator``. Raises ``Malformed``."""
        with open_archive(self.path) as archive:
            yield ArchiveLog(archive)


class ArchiveChain:
    """The chain's part: what a node answered when the archive was made."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        about = archive.about
        if about.head is None:
            raise malformed("no block", "an archive with the chain's part")
        self._first, self._last = about.first_block, about.head.number
        self._header_places = lru_cache(maxsize=2)(self._read_header_places)
        self._places = lru_cache(maxsize=2)(self._read_places)

    def locator(self) -> ArchiveChainLocator:
        """How another process opens it."""
        return ArchiveChainLocator(self._archive.path)

    def head(self) -> Block:
        """See ``ChainEvidence``."""
        block = self.block(self._last)
        if block is None:
            raise _short(self._last)
        return block

    def block(self, tag: BlockTag = "latest") -> Block | None:
        """See ``ChainEvidence``."""
        number = self._last if isinstance(tag, str) else tag
        if not self._first <= number <= self._last:
            return None
        found = self._header(number)
        return None if found is None else parsed(to_block, found)

    def blocks(self, numbers: Sequence[int]) -> list[Block | None]:
        """See ``ChainEvidence``."""
        return [self.block(number) for number in numbers]

    def logs(self, addresses: Sequence[bytes], first: int, last: int) -> list[Log]:
        """See ``ChainEvidence``: out of the receipts."""
        wanted, found = set(addresses), []
        for line in self._receipts(first, last):
            for receipt in line.receipts:
                logs = parsed(to_logs, receipt.get("logs", []))
                found += [log for log in logs if log.address in wanted]
        return sorted(found, key=lambda log: (log.block_number, log.index))

    def raw_headers(self, first: int, last: int) -> Iterator[Mapping[str, Any]]:
        """See ``ChainEvidence``."""
        for number in range(max(first, self._first), min(last, self._last) + 1):
            found = self._header(number)
            if found is not None:
                yield found

    def raw_receipts(self, number: int) -> list[Mapping[str, Any]] | None:
        """See ``ChainEvidence``."""
        for line in self._receipts(number, number):
            return list(line.receipts)
        return None

    def _receipts(self, first: int, last: int) -> Iterator[ReceiptsLine]:
        for part in range((first - self._first) // PER_FILE, (last - self._first) // PER_FILE + 1):
            name = receipts_name(part)
            if part >= 0 and name in self._archive:
                places = self._places(part)
                for at in range(bisect_left(places, first, key=_block), bisect_right(places, last, key=_block)):
                    yield self._archive.line_at(name, places[at][1], ReceiptsLine)

    def _read_places(self, part: int) -> list[tuple[int, tuple[int, int]]]:
        """Where the receipts of each block stand in a member: it may be large, and is asked block by block."""
        name, at, found = receipts_name(part), 0, dict[int, tuple[int, int]]()
        for line in self._archive.raw_lines(name):
            try:
                number = _numbered.decode(line).number
            except (msgspec.DecodeError, RecursionError) as error:
                raise malformed(f"{name}, at byte {at}: {error}", "a ReceiptsLine") from error
            self._require_place(part, number, found, name)
            found[number] = (at, len(line))
            at += len(line)
        return sorted(found.items(), key=_block)

    def _header(self, number: int) -> dict[str, Any] | None:
        part = (number - self._first) // PER_FILE
        place = self._header_places(part).get(number)
        return None if place is None else self._archive.line_at(headers_name(part), place, dict[str, Any])

    def _read_header_places(self, part: int) -> dict[int, tuple[int, int]]:
        """Where the header of each block stands in a member: all of them at once would be kilobytes a block."""
        name, at, found = headers_name(part), 0, dict[int, tuple[int, int]]()
        for line in self._archive.raw_lines(name):
            try:
                block = int(json.loads(line)["number"], 16)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise malformed(f"{name}: {error}", "headers as JSON-RPC has them") from error
            self._require_place(part, block, found, name)
            found[block] = (at, len(line))
            at += len(line)
        return found

    def _require_place(self, part: int, block: int, found: Container[int], name: str) -> None:
        """A block that stands twice, or in another member, is read by some and by others not."""
        if (block - self._first) // PER_FILE != part or block in found:
            raise malformed(f"block {block} once more in {name}", "each block once, in its own member")


@dataclass(frozen=True, slots=True)
class ArchiveChainLocator:
    """Opens the archive's chain again."""

    path: Path

    @contextmanager
    def open(self) -> Iterator[ArchiveChain]:
        """See ``ledger.chain.ahead_worker.Locator``. Raises ``Malformed``."""
        with open_archive(self.path) as archive:
            yield ArchiveChain(archive)


@dataclass(frozen=True, slots=True)
class ArchiveEvidence:
    """What an audit takes from an archive. ``chain``: None where it was made without. ``deployment``: contracts and
    first block as the archive has them."""

    archive: Archive
    log: ArchiveLog
    chain: ArchiveChain | None
    deployment: Deployment

    def faults(self) -> Iterator[MemberFault]:
        """Members that are not what the manifest says."""
        return self.archive.faults()


@contextmanager
def archive_evidence(path: Path) -> Iterator[ArchiveEvidence]:
    """The evidence of the archive at a path. Raises ``Malformed`` for what is none."""
    with open_archive(path) as archive:
        chain = None if archive.about.head is None else ArchiveChain(archive)
        yield ArchiveEvidence(archive, ArchiveLog(archive), chain, _deployment(archive))


def _deployment(archive: Archive) -> Deployment:
    about = archive.about
    return Deployment(
        chain_id=about.chain_id,
        deployment_id=_bytes(about.deployment_id),
        addresses={name: _bytes(address) for name, address in about.contracts.items()},
        cosigners=(),
        threshold=0,
        first_block=about.first_block,
    )


@lru_cache(maxsize=8_192)
def _type_of(encoded: bytes) -> str | None:
    try:
        return parse_header(encoded).type
    except AttestationError:
        return None


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise malformed(text[:100], "hexadecimal digits") from error


def _short(number: int) -> ChainUnavailable:
    return ChainUnavailable(
        "The archive does not have the block that it says it ends with.",
        rule="archive.head",
        value=f"no block {number}",
        expected=f"block {number}",
        message_zh="归档缺少其声明的最后区块。",
    )
