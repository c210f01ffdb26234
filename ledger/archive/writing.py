"""Writes an archive: a tar whose bytes follow from log size and block alone, so that two exports are the same file."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

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
    TRUST,
    About,
    EntryLine,
    EquivocationLine,
    Head,
    HeadLine,
    ReceiptsLine,
    RefusedLine,
    entries_name,
    headers_name,
    receipts_name,
)
from ledger.audit.bloom import Wanted
from ledger.audit.evidence import ChainEvidence, LogEvidence
from ledger.chain.contracts import Deployment, load_artifact
from ledger.errors import Refusal

Progress = Callable[[str, int, int], None]
_encoder = msgspec.json.Encoder()


def write_archive(
    path: Path,
    log: LogEvidence,
    chain: ChainEvidence | None,
    deployment: Deployment,
    *,
    trust: bytes,
    origin: str,
    until: int | None = None,
    tables: Iterable[tuple[str, bytes]] = (),
    progress: Progress = lambda _step, _done, _all: None,
) -> About:
    """Write entries below the newest cosigned head (or that of size ``until``) and the chain up to ``chain.head()``.

    ``trust``: the trust file's bytes. ``tables``: names and bytes of views. The file appears whole or not at all.
    Raises ``Refusal`` where no head of that size has its cosignatures, and what reading raises.
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
    with partial.open("wb") as file:
        out = _Writer(file)
        for name, text in readme.texts(about):
            out.member(name, text.encode())
        out.member(ABOUT, msgspec.json.format(_encoder.encode(about), indent=1) + b"\n")
        out.member(TRUST, trust)
        _write_log(out, log, size, progress)
        if chain is not None and end is not None:
            _write_chain(out, chain, deployment, end.number, progress)
            refused = sorted((one.op_id.hex(), one.kind, one.reason) for one in log.refused())
            out.member(REFUSED, b"".join(_line(RefusedLine(*one)) for one in refused))
        for name in sorted(deployment.addresses):
            out.member(f"abi/{name}.json", json.dumps(list(load_artifact(name).abi.entries), indent=1).encode() + b"\n")
        for name, schema in sorted(json_schemas().items()):
            text = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True)
            out.member(f"schemas/{name}.json", text.encode() + b"\n")
        for name, table in tables:
            out.member(name, table)
        out.finish()
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return about


def _write_log(out: _Writer, log: LogEvidence, size: int, progress: Progress) -> None:
    for number, first in enumerate(range(0, size, PER_FILE)):
        last = min(first + PER_FILE, size) - 1
        rows = log.entries(first, last)
        lines = [_line(EntryLine(row.index, row.accepted_at, row.entry.decode("ascii"))) for row in rows]
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
    heads = [_line(HeadLine(head.epoch, head.size, head.note)) for head in log.heads() if head.note and head.cosigned
             and head.size <= size]  # fmt: skip
    out.member(HEADS, b"".join(heads))
    kept = sorted((index, entry.decode("ascii")) for index, entry in log.equivocations() if index < size)
    out.member(EQUIVOCATIONS, b"".join(_line(EquivocationLine(*one)) for one in kept))


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


def _line(value: msgspec.Struct) -> bytes:
    return _encoder.encode(value) + b"\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: object) -> object:
    # Answers of web3.py are attribute dictionaries, with bytes of a class of its own.
    if isinstance(value, bytes):
        return "0x" + value.hex()
    raise TypeError(f"no JSON for {type(value).__name__}")


class _Writer:
    """Members in the order in which they are given, the manifest at the end."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 - ends in finish()
        self._sums: list[str] = []

    def member(self, name: str, data: bytes) -> None:
        """Add one file."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = len(data), 0o644, 0
        self._tar.addfile(member, io.BytesIO(data))
        self._sums.append(f"{sha256(data).hexdigest()}  {name}\n")

    def finish(self) -> None:
        """The manifest, in the form of sha256sum."""
        self.member(MANIFEST, "".join(self._sums).encode())
        self._tar.close()
