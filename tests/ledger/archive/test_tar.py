"""What is no plain tar of an archive's members is refused before anything of it is believed, and costs next to nothing:
a file of some kilobytes on disk may say that it has any size."""

from __future__ import annotations

import io
import json
import resource
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.archive.layout import ABOUT, HEADS, MANIFEST, TRUST, HeadLine, entries_name, headers_name
from ledger.archive.reading import LONGEST_LINE, open_archive
from ledger.audit.of_archive import archive_evidence
from ledger.errors import Malformed

_HUGE = 7 << 30
ABOUT_PAGE: dict[str, Any] = {
    "format": 1, "log": "test.example/log", "deployment_id": "00" * 32, "chain_id": 1, "size": 0, "first_block": 0,
    "head": None, "contracts": {},
}  # fmt: skip


def header(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.USTAR_FORMAT)


def member(name: str, data: bytes) -> bytes:
    return header(name, len(data)) + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def about(**said: Any) -> bytes:
    return member(ABOUT, json.dumps({**ABOUT_PAGE, **said}).encode())


END = bytes(2 * tarfile.BLOCKSIZE)
SOUND = about() + member(HEADS, b"") + member(MANIFEST, b"")


def below_zero(name: str) -> bytes:
    """A header whose size is -512: who goes on behind its member is where it was."""
    block = bytearray(header(name))
    block[124:136] = (2**96 - 512).to_bytes(12, "big")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def longer(path: Path, data: bytes, hole: int) -> None:
    """Data and then a hole: of the hole nothing is on disk."""
    path.write_bytes(data)
    with path.open("r+b") as file:
        file.truncate(len(data) + hole)


FORGED: dict[str, bytes] = {
    "an-extended-header": header("x", _HUGE, tarfile.XHDTYPE),
    "a-global-header": header("x", _HUGE, tarfile.XGLTYPE),
    "a-long-name": header("x", _HUGE, tarfile.GNUTYPE_LONGNAME),
    "a-sparse-member": about() + header(HEADS, 0, tarfile.GNUTYPE_SPARSE),
    "a-link": about() + header(HEADS, 0, tarfile.SYMTYPE),
    "a-folder": about() + header("log/", 0, tarfile.AREGTYPE),
    "a-size-below-zero": about() + below_zero(HEADS),
    "a-size-that-is-not-there": about() + header(HEADS, _HUGE),
    "a-name-out-of-it": about() + member("../escape.json", b"{}"),
    "a-name-twice": about() + about(),
    "no-end": SOUND,
    "no-manifest-last": about() + member(MANIFEST, b"") + member(HEADS, b"") + END,
    "something-behind-the-end": SOUND + bytes(tarfile.BLOCKSIZE) + member(TRUST, b"{}") + END,
    "a-block-that-is-no-header": about() + b"\xff" * tarfile.BLOCKSIZE,
    "nothing": b"",
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_it_is_refused_for_what_it_is(tmp_path: Path, data: bytes) -> None:
    longer(tmp_path / "a.tar", data, _HUGE if b"ustar" in data and data.startswith(b"x\0") else 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Malformed) as refused, open_archive(tmp_path / "a.tar"):
        pass
    assert refused.value.rule == "archive.form"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10, "kilobytes"


def test_a_plain_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(SOUND + END)
    with open_archive(tmp_path / "a.tar") as archive:
        assert list(archive.names()) == [ABOUT, HEADS, MANIFEST]
        assert list(archive.lines(HEADS, HeadLine)) == []


@pytest.mark.parametrize(
    "said",
    [
        {"size": 2**61},
        {"size": -1},
        {"first_block": -1, "head": {"number": 0, "hash": "00"}},
        {"head": {"number": 2**61, "hash": "00"}},
        {"head": {"number": 5, "hash": "00"}, "first_block": 9},
    ],
)
def test_what_it_says_of_its_extent_is_about_what_it_has(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "a.tar").write_bytes(about(**said) + member(HEADS, b"") + member(MANIFEST, b"") + END)
    with pytest.raises(Malformed), open_archive(tmp_path / "a.tar"):
        pass


def test_a_line_without_end_is_refused_at_some_length(tmp_path: Path) -> None:
    size = LONGEST_LINE * 4
    longer(tmp_path / "a.tar", about() + header(HEADS, size), size)
    with (tmp_path / "a.tar").open("ab") as file:
        file.write(member(MANIFEST, b"") + END)
    with open_archive(tmp_path / "a.tar") as archive, pytest.raises(Malformed):
        list(archive.lines(HEADS, HeadLine))


def entry(index: int) -> bytes:
    return json.dumps({"index": index, "accepted_at": 1, "entry": "a.b.c"}).encode() + b"\n"


LINES: dict[str, tuple[str, bytes, Callable[[Any], object]]] = {
    "an-entry-twice": (entries_name(0), entry(0) + entry(1) + entry(0), lambda one: list(one.log.entries(0, 1))),
    "an-entry-elsewhere": (entries_name(0), entry(0) + entry(1 << 14), lambda one: list(one.log.entries(0, 1))),
    "an-entry-below-0": (entries_name(0), entry(-1), lambda one: list(one.log.entries(0, 1))),
    "a-header-twice": (headers_name(0), b'{"number": "0x0"}\n' * 2, lambda one: one.chain.block(0)),
    "a-header-elsewhere": (headers_name(0), b'{"number": "0xffffff"}\n', lambda one: one.chain.block(0)),
    "brackets-without-end": (headers_name(0), b"[" * 200_000, lambda one: one.chain.block(0)),
}


@pytest.mark.parametrize(("name", "data", "read"), LINES.values(), ids=LINES)
def test_what_one_reader_would_see_and_another_not_is_refused(
    tmp_path: Path, name: str, data: bytes, read: Callable[[Any], object]
) -> None:
    page = about(size=2, head={"number": 0, "hash": "00" * 32})
    (tmp_path / "a.tar").write_bytes(page + member(name, data) + member(MANIFEST, b"") + END)
    with archive_evidence(tmp_path / "a.tar") as evidence, pytest.raises(Malformed):
        read(evidence)


def test_the_library_reads_what_is_written_so(tmp_path: Path) -> None:
    """The other way round: what is refused here is nothing that a plain tar has."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in ((ABOUT, json.dumps(ABOUT_PAGE).encode()), (MANIFEST, b"")):
            one = tarfile.TarInfo(name)
            one.size = len(data)
            tar.addfile(one, io.BytesIO(data))
    (tmp_path / "a.tar").write_bytes(out.getvalue())
    with open_archive(tmp_path / "a.tar") as archive:
        assert list(archive.names()) == [ABOUT, MANIFEST]
