"""Receipts of an archive: each block's are found by their place, whatever their order in the file."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.archive.layout import ABOUT, MANIFEST, headers_name, receipts_name
from ledger.archive.reading import open_archive
from ledger.audit.evidence import ChainEvidence
from ledger.audit.of_archive import ArchiveChain
from ledger.errors import Malformed

CONTRACT = b"\xaa" * 20


def log(number: int, index: int) -> dict[str, Any]:
    return {
        "address": "0x" + CONTRACT.hex(),
        "topics": ["0x" + "ab" * 32],
        "data": f"0x{number:064x}",
        "logIndex": hex(index),
        "transactionHash": "0x" + "cd" * 32,
        "blockHash": "0x" + "ef" * 32,
        "blockNumber": hex(number),
    }


def receipts(number: int, logs: int = 1) -> bytes:
    held = [{"status": "0x1", "logs": [log(number, index) for index in range(logs)]}]
    return json.dumps({"number": number, "receipts": held}).encode() + b"\n"


def archive(path: Path, lines: Sequence[bytes]) -> Path:
    about = {
        "format": 1, "log": "test.example/log", "deployment_id": "00" * 32, "chain_id": 1, "size": 0, "first_block": 0,
        "head": {"number": 9, "hash": "00" * 32}, "contracts": {},
    }  # fmt: skip
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in (
            (ABOUT, json.dumps(about).encode()),
            (headers_name(0), b""),
            (receipts_name(0), b"".join(lines)),
            (MANIFEST, b""),
        ):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def numbers(chain: ChainEvidence, first: int, last: int) -> list[tuple[int, int]]:
    return [(one.block_number, one.index) for one in chain.logs([CONTRACT], first, last)]


def test_logs_of_a_range_come_in_chain_order_and_none_of_others(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar", [receipts(7), receipts(2, 2), receipts(4)])
    with open_archive(path) as opened:
        chain = ArchiveChain(opened)
        assert numbers(chain, 0, 9) == [(2, 0), (2, 1), (4, 0), (7, 0)]
        assert numbers(chain, 3, 6) == [(4, 0)]
        assert numbers(chain, 5, 6) == []
        assert numbers(chain, 7, 7) == [(7, 0)]


def test_receipts_are_those_of_the_block_or_none(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.tar", [receipts(7), receipts(2)])
    with open_archive(path) as opened:
        chain = ArchiveChain(opened)
        for number in (2, 7):
            found = chain.raw_receipts(number)
            assert found is not None
            assert found[0]["logs"][0]["blockNumber"] == hex(number)
        assert chain.raw_receipts(3) is None


def test_a_block_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Who reads the first line sees other receipts than who reads the last."""
    path = archive(tmp_path / "a.tar", [receipts(2, 1), receipts(2, 3)])
    with open_archive(path) as opened, pytest.raises(Malformed) as caught:
        ArchiveChain(opened).raw_receipts(2)
    assert "block 2 once more" in caught.value.value


@pytest.mark.parametrize(
    "line",
    [b"no JSON\n", b"{}\n", b'{"number":"2","receipts":[]}\n', b'{"number":2}\n', b'{"number":2,"receipts":{}}\n'],
)
def test_a_line_that_has_no_receipts_is_named_with_its_member(tmp_path: Path, line: bytes) -> None:
    path = archive(tmp_path / "a.tar", [receipts(1), line])
    with open_archive(path) as opened, pytest.raises(Malformed) as caught:
        ArchiveChain(opened).logs([CONTRACT], 0, 9)
    assert caught.value.rule == "archive.form"
    assert receipts_name(0) in caught.value.value
