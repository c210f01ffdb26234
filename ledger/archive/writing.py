"""Writes an archive: a tar whose bytes follow from log size and block alone, so that two exports are the same file.

Tables are made from the evidence as it was written, and put behind it: what they say is what an audit of the file says.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from attestation.statements import json_schemas
from ledger.archive import readme
from ledger.archive.layout import (
    ABOUT,
    EQUIVOCATIONS,
    FORMAT,
    HEADS,
    MANIFEST,
    PER_FILE,
    REFUSED,
    TABLES,
    TRUST,
    About,
    Head,
    ReceiptsLine,
    entries_name,
    headers_name,
    receipts_name,
)
from ledger.archive.lines import Recorded, entry_lines, equivocation_lines, head_lines, refused_lines
from ledger.archive.tables.making import make_tables
from ledger.archive.tables.scratch import scratch_store
from ledger.audit.bloom import Wanted
from ledger.audit.chain import deployment_of
from ledger.audit.evidence import ChainEvidence
from ledger.audit.of_archive import archive_evidence
from ledger.chain.contracts import Deployment, load_artifact
from ledger.context import parameters_of
from ledger.errors import Refusal
from ledger.trust import parse as parse_trust

Progress = Callable[[str, int, int], None]
_encoder = msgspec.json.Encoder()


def write_archive(
    path: Path,
    log: Recorded,
    chain: ChainEvidence | None,
    deployment: Deployment,
    *,
    trust: bytes,
    origin: str,
    until: int | None = None,
    tables: bool = True,
    progress: Progress = lambda _step, _done, _all: None,
) -> About:
    """Write entries below the newest cosigned head (or that of size ``until``) and the chain up to ``chain.head()``.

    ``trust``: the trust file's bytes. ``tables``: whether views come with it. The file appears whole or not at all.
    Raises ``Refusal`` where no head of that size has its cosignatures, ``TrustRefused``, and what reading raises.
    """
    heads = [head for head in log.heads() if head.cosigned and head.note is not None]
    size = max((head.size for head in heads), default=0) if until is None else until
    if size not in {head.size for head in heads}:
        raise Refusal(
            "Only what is in a cosigned checkpoint is exported.",
            rule="archive.size",
            value=size,
            expected="the size of a cosigned checkpoint",
            message_zh="只能导出已联署检查点内的条目。",
        )
    end = None if chain is None else chain.head()
    about = About(
        format=FORMAT,
        log=origin,
        deployment_id=deployment.deployment_id.hex(),
        chain_id=deployment.chain_id,
        size=size,
        first_block=deployment.first_block,
        head=None if end is None else Head(end.number, end.hash.hex()),
        contracts={name: address.hex() for name, address in sorted(deployment.addresses.items())},
    )
    partial = path.with_name(f"{path.name}.part")
    with partial.open("w+b") as file:
        out = _Writer(file)
        for name, text in readme.texts(about):
            out.member(name, text.encode())
        out.member(ABOUT, msgspec.json.format(_encoder.encode(about), indent=1) + b"\n")
        out.member(TRUST, trust)
        _write_log(out, log, size, progress)
        if chain is not None and end is not None:
            _write_chain(out, chain, deployment, end.number, progress)
            out.member(REFUSED, refused_lines(log))
        for name in sorted(deployment.addresses):
            out.member(f"abi/{name}.json", json.dumps(list(load_artifact(name).abi.entries), indent=1).encode() + b"\n")
        for name, schema in sorted(json_schemas().items()):
            text = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True)
            out.member(f"schemas/{name}.json", text.encode() + b"\n")
        if tables:
            _write_tables(out, partial, trust, progress)
        out.finish()
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return about


def _write_tables(out: _Writer, partial: Path, trust: bytes, progress: Progress) -> None:
    out.finish()
    with (
        archive_evidence(partial) as read,
        tempfile.TemporaryDirectory(dir=partial.parent, prefix=f".{partial.name}-") as folder,
    ):
        size, chain, own = read.archive.about.size, read.chain, parse_trust(trust)
        deployment = deployment_of(own, read.deployment)
        progress("tables", 0, 1)
        with scratch_store(read.log, chain, parameters_of(own), deployment, size=size) as scratch:
            out.resume()

            def take(name: str, file: Path) -> None:
                out.file(TABLES + name, file)
                file.unlink()

            make_tables(read.log, size, scratch, Path(folder), chain=chain is not None, sink=take)
        progress("tables", 1, 1)


def _write_log(out: _Writer, log: Recorded, size: int, progress: Progress) -> None:
    for number, first in enumerate(range(0, size, PER_FILE)):
        last = min(first + PER_FILE, size) - 1
        lines = entry_lines(log, first, last)
        if len(lines) != last - first + 1:
            raise Refusal(
                "Entries are missing: there is no archive of a log with holes.",
                rule="archive.entries",
                value=f"{len(lines)} entries from {first} on",
                expected=last - first + 1,
                message_zh="条目缺失，无法导出。",
            )
        out.member(entries_name(number), b"".join(lines))
        progress("log", last + 1, size)
    out.member(HEADS, head_lines(log, size))
    out.member(EQUIVOCATIONS, equivocation_lines(log, size))


def _write_chain(out: _Writer, chain: ChainEvidence, deployment: Deployment, last: int, progress: Progress) -> None:
    addresses = list(deployment.addresses.values())
    first, wanted = deployment.first_block, Wanted(addresses)
    for number, start in enumerate(range(first, last + 1, PER_FILE)):
        end = min(start + PER_FILE - 1, last)
        headers = list(chain.raw_headers(start, end))
        out.member(headers_name(number), b"".join(_json(header) for header in headers))
        # Blocks whose filter names one of the contracts show their receipts, so that leaving out is seen.
        named = {int(one["number"], 16) for one in headers if wanted.may_be_in(bytes.fromhex(one["logsBloom"][2:]))}
        blocks = named | {log.block_number for log in chain.logs(addresses, start, end)}
        out.member(receipts_name(number), b"".join(_receipts(chain, sorted(blocks))))
        progress("chain", end - first + 1, last - first + 1)


def _receipts(chain: ChainEvidence, blocks: Iterable[int]) -> Iterator[bytes]:
    for number in blocks:
        yield _json(msgspec.to_builtins(ReceiptsLine(number, [dict(one) for one in chain.raw_receipts(number) or ()])))


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    # Answers of web3.py are attribute dictionaries, with bytes of a class of its own.
    if isinstance(value, bytes):
        return "0x" + value.hex()
    raise TypeError(f"no JSON for {type(value).__name__}")


class _Writer:
    """Members in the order in which they are given, the manifest at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sums: list[str] = []
        self._end = 0
        self._tar = self._open()

    def _open(self) -> tarfile.TarFile:
        return tarfile.open(fileobj=self._file, mode="w", format=tarfile.USTAR_FORMAT)

    def member(self, name: str, data: bytes) -> None:
        """Add one file."""
        self._tar.addfile(_named(name, len(data)), io.BytesIO(data))
        self._sums.append(f"{sha256(data).hexdigest()}  {name}\n")

    def file(self, name: str, path: Path) -> None:
        """Add one that lies elsewhere, a piece at a time."""
        with path.open("rb") as data:
            digest = hashlib.file_digest(data, "sha256")
            data.seek(0)
            self._tar.addfile(_named(name, path.stat().st_size), data)
        self._sums.append(f"{digest.hexdigest()}  {name}\n")

    def finish(self) -> None:
        """The manifest, in the form of sha256sum: what was written so far can be read."""
        self._end = self._tar.offset
        data = "".join(self._sums).encode()
        self._tar.addfile(_named(MANIFEST, len(data)), io.BytesIO(data))
        self._tar.close()
        self._file.flush()

    def resume(self) -> None:
        """Go on where the manifest begins."""
        self._file.seek(self._end)
        self._file.truncate()
        self._tar = self._open()


def _named(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o644, 0
    return member
