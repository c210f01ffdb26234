"""Reads an archive where it lies: nothing is unpacked, members are found by their place in the file.

The manifest says what must be there; :meth:`Archive.faults` holds every member against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

import msgspec

from ledger.archive.layout import (
    ABOUT,
    FORMAT,
    HEADERS,
    LARGEST_MEMBER,
    LOG_ENTRIES,
    MANIFEST,
    MOST_MEMBERS,
    PER_FILE,
    About,
    is_member,
    malformed,
)
from ledger.archive.tar import plain_members

_BLOCK: Final = 1 << 20
_SUM_LENGTH: Final = 64
LONGEST_LINE: Final = 64 << 20
"""Bytes of a line: receipts of a block are the longest, some MB."""
_MOST_MISSING: Final = 100
"""Members that are gone are named one by one, up to so many."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Member:
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class MemberFault:
    """A member that is not what the manifest says."""

    name: str
    found: str
    expected: str


class Archive:
    """An archive that is open."""

    def __init__(self, path: Path, file: BinaryIO, members: dict[str, _Member]) -> None:
        self.path = path
        self._file = file
        self._members = members
        self.about = self._about()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def names(self) -> Iterator[str]:
        """Members in the order of the file."""
        yield from self._members

    def read(self, name: str) -> bytes:
        """A member's bytes. Raises ``Malformed`` for one that is not there or cut off."""
        member = self._members.get(name)
        if member is None:
            raise malformed(f"no {name}", f"a member {name}")
        if member.size > LONGEST_LINE:
            raise malformed(f"{name} of {member.size} bytes", f"at most {LONGEST_LINE}")
        self._file.seek(member.offset)
        data = self._file.read(member.size)
        if len(data) != member.size:
            raise malformed(f"{name} is cut off", f"{member.size} bytes")
        return data

    def lines(self, name: str, kind: type[_T]) -> Iterator[_T]:
        """A member's lines as values. Raises ``Malformed`` for one that is none."""
        decoder = msgspec.json.Decoder(kind)
        for number, line in enumerate(self.raw_lines(name), 1):
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, RecursionError) as error:
                raise malformed(f"{name}, line {number}: {error}", f"a {kind.__name__}") from error

    def raw_lines(self, name: str) -> Iterator[bytes]:
        """A member's lines, ends included, a piece of the member in memory at a time. Raises ``Malformed`` for one that
        is not there or cut off."""
        member = self._members.get(name)
        if member is None:
            raise malformed(f"no {name}", f"a member {name}")
        rest, left = b"", member.size
        while left:
            # Others read the same file meanwhile.
            self._file.seek(member.offset + member.size - left)
            data = self._file.read(min(left, _BLOCK))
            if not data:
                raise malformed(f"{name} is cut off", f"{member.size} bytes")
            left -= len(data)
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise malformed(f"{name} has a line of more than {LONGEST_LINE} bytes", "shorter lines")
            yield from (line + b"\n" for line in lines)
        if rest:
            yield rest

    def line_at(self, name: str, place: tuple[int, int], kind: type[_T]) -> _T:
        """The line of a member at a place (of its first byte, and its length). Raises ``Malformed`` for one that is no
        ``kind``."""
        at, length = place
        self._file.seek(self._members[name].offset + at)
        try:
            return msgspec.json.decode(self._file.read(length), type=kind)
        except (msgspec.DecodeError, RecursionError) as error:
            raise malformed(f"{name}, at byte {at}: {error}", f"a {kind.__name__}") from error

    def faults(self) -> Iterator[MemberFault]:
        """Every member against the manifest, and the manifest against the members. Raises ``Malformed`` for a manifest
        that is none."""
        wanted = self._manifest()
        for name in self._members:
            if name == MANIFEST:
                continue
            expected = wanted.pop(name, None)
            found = self._sum(name)
            if expected is None:
                yield MemberFault(name, found, "no such member: the manifest does not list it")
            elif found != expected:
                yield MemberFault(name, found, expected)
        for name, expected in wanted.items():
            yield MemberFault(name, "missing", expected)

    def _sum(self, name: str) -> str:
        member, digest = self._members[name], sha256()
        self._file.seek(member.offset)
        left = member.size
        while left and (data := self._file.read(min(left, _BLOCK))):
            digest.update(data)
            left -= len(data)
        return digest.hexdigest()

    def _manifest(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for raw in self.raw_lines(MANIFEST):
            line = raw.decode("utf-8", "replace").removesuffix("\n")
            digest, separator, name = line.partition("  ")
            if len(digest) != _SUM_LENGTH or not separator or name in found:
                raise malformed(f"{MANIFEST}: {line[:100]}", "sum, two blanks, name, each name once")
            found[name] = digest
        return found

    def _about(self) -> About:
        try:
            about = msgspec.json.decode(self.read(ABOUT), type=About)
        except (msgspec.DecodeError, RecursionError) as error:
            raise malformed(f"{ABOUT}: {error}", f"format {FORMAT}") from error
        if about.format != FORMAT:
            raise malformed(f"format {about.format}", f"format {FORMAT}")
        self._require_extent("size", 0, about.size, LOG_ENTRIES)
        if about.head is not None:
            self._require_extent("head", about.first_block, about.head.number + 1, HEADERS)
        return about

    def _require_extent(self, member: str, first: int, end: int, prefix: str) -> None:
        """What the archive says that it has is about as much as it has: else looking for the rest would never end."""
        if not 0 <= first <= end:
            raise malformed(f"{member} {end} from {first} on", "numbers from 0 on, in their order")
        files, there = -(-(end - first) // PER_FILE), sum(name.startswith(prefix) for name in self._members)
        if files - there > _MOST_MISSING:
            raise malformed(f"{member} {end} with {there} members {prefix}…", f"{files} of them")


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open an archive. Raises ``Malformed`` for what is none: another kind of file or member, a name that does not
    belong there or comes twice, a member that is too large or cut off."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise malformed(f"{path}: {error.strerror}", "a file that can be read") from error
    with file:
        yield Archive(path, file, _members(file, path))


def _members(file: BinaryIO, path: Path) -> dict[str, _Member]:
    found: dict[str, _Member] = {}
    for name, offset, size in plain_members(file, path.name):
        if not is_member(name):
            raise malformed(f"{name[:100]!r} in {path.name}", "regular files of an archive's names")
        if name in found:
            raise malformed(f"{name} twice", "each member once")
        if size > LARGEST_MEMBER:
            raise malformed(f"{name} of {size} bytes", "a whole member")
        if len(found) == MOST_MEMBERS:
            raise malformed(f"{path.name} has more than {MOST_MEMBERS} members", f"at most {MOST_MEMBERS}")
        found[name] = _Member(offset, size)
    if MANIFEST not in found or next(reversed(found)) != MANIFEST:
        raise malformed(f"{path.name} does not end with {MANIFEST}", f"{MANIFEST} as its last member")
    return found
