"""Members of a tar file as an archive has them: plain headers and nothing else, so that every program that unpacks it
gets what is read here.

The library's reader also takes extended headers, which it reads whole into memory, sparse members, sizes below 0, and
whatever stands behind the end; each of these is one way to show two readers two archives, or to end a reader. Archives
of ours have none of them (POSIX.1-1988 ustar, IEEE Std 1003.1).
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO, Final

from ledger.archive.layout import malformed

_BLOCK: Final = tarfile.BLOCKSIZE
_END: Final = bytes(_BLOCK)
_LONGEST_END: Final = 1 << 20
"""Bytes of zeros behind the last member: the library fills up to 10 KiB."""
_PLAIN: Final = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})
_TYPE_AT: Final = 156


def plain_members(file: BinaryIO, name: str) -> Iterator[tuple[str, int, int]]:
    """Name, offset of the first byte, and size of each member, in the order of the file ``name``. Raises ``Malformed``
    for any other header, a member that is cut off, and anything behind the end."""
    size, at = file.seek(0, 2), 0
    while True:
        file.seek(at)
        block = file.read(_BLOCK)
        if block == _END:
            break
        member = _header(block, name)
        at += _BLOCK
        if not 0 <= member.size <= size - at:
            raise malformed(f"{member.name[:100]} of {member.size} bytes", "a whole member")
        yield member.name, at, member.size
        at += -(-member.size // _BLOCK) * _BLOCK
    rest = size - at
    if rest > _LONGEST_END or any(file.read(rest)):
        raise malformed(f"{name} goes on behind its end, at byte {at}", "nothing but zeros there")


def _header(block: bytes, name: str) -> tarfile.TarInfo:
    kind = block[_TYPE_AT : _TYPE_AT + 1]
    try:
        member = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.HeaderError, ValueError) as error:
        raise malformed(f"{name}: {str(error)[:100]}", "a tar file") from error
    if kind not in _PLAIN or member.name.endswith("/"):
        raise malformed(f"{member.name[:100]!r} in {name}", "regular files of an archive's names")
    return member
