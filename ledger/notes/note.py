"""A note: text, an empty line, signature lines (C2SP signed-note).

Parsing is strict and has one spelling per note: ``parse(data).format() == data`` for every note that parses.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from ledger.errors import NoteMalformed

#: C2SP asks for at least 16 signatures of up to 5 kB each.
MAX_NOTE_BYTES: Final = 131_072
MAX_SIGNATURES: Final = 32

_DASH: Final = "— "
_KEY_ID_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature: the key's name, its 4-byte id, and the bytes after the id."""

    name: str
    key_id: bytes
    signature: bytes

    def format(self) -> str:
        """The line with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """A line, without its newline. Raises ``NoteMalformed``."""
        parts = line.removeprefix(_DASH).split(" ")
        if not line.startswith(_DASH) or len(parts) != 2:
            raise malformed("note.signature-line", line, "— <key name> <base64>")
        check_key_name(parts[0])
        data = strict_base64(parts[1], "note.signature-base64")
        if len(data) <= _KEY_ID_BYTES:
            raise malformed("note.signature-length", line, "a 4-byte key id and a signature")
        return cls(parts[0], data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    """``text`` (ends in a newline) and the signature lines under it."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def format(self) -> bytes:
        """The note's bytes."""
        return f"{self.text}\n{''.join(line.format() for line in self.signatures)}".encode()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """A note with at least one signature line. Raises ``NoteMalformed``."""
        if len(data) > MAX_NOTE_BYTES:
            raise malformed("note.size", f"{len(data)} bytes", f"at most {MAX_NOTE_BYTES} bytes")
        whole = plain_text(data)
        # The last empty line separates: the text itself may have empty lines.
        text, separator, tail = whole.rpartition("\n\n")
        if not separator or not text:
            raise malformed("note.separator", whole, "text, an empty line, signature lines")
        if not tail.endswith("\n"):
            raise malformed("note.final-newline", tail, "a newline after the last signature line")
        return cls(f"{text}\n", parse_signature_lines(tail))

    def with_signatures(self, *lines: SignatureLine) -> Note:
        """The note with these lines after its own; a line that it has already is not repeated."""
        fresh = [line for line in dict.fromkeys(lines) if line not in self.signatures]
        return Note(self.text, (*self.signatures, *fresh))


def parse_signature_lines(tail: str) -> tuple[SignatureLine, ...]:
    """One or more whole signature lines. Raises ``NoteMalformed``."""
    if not tail.endswith("\n"):
        raise malformed("note.final-newline", tail, "a newline after the last signature line")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise malformed("note.signatures", f"{len(lines)} lines", f"at most {MAX_SIGNATURES} lines")
    return tuple(SignatureLine.parse(line) for line in lines)


def plain_text(data: bytes) -> str:
    """UTF-8 without control characters other than newline. Raises ``NoteMalformed``."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise malformed("note.utf8", f"byte {error.start}", "UTF-8") from None
    if any(character < " " and character != "\n" for character in text):
        raise malformed("note.control-character", text, "no control character but newline")
    return text


def check_key_name(name: str) -> None:
    """Raise ``NoteMalformed`` unless ``name`` is a key name: not empty, no Unicode space, no plus."""
    if not name or "+" in name or any(character.isspace() or character < " " for character in name):
        raise malformed("note.key-name", name, "not empty, without spaces and plus")


def strict_base64(text: str, rule: str) -> bytes:
    """RFC 4648 §4 in its one canonical spelling. Raises ``NoteMalformed`` with ``rule``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    # The decoder lets stray bits at the end pass; then two texts would mean one signature.
    if not data or base64.b64encode(data).decode() != text:
        raise malformed(rule, text, "canonical base64 (RFC 4648 §4)")
    return data


def malformed(rule: str, value: object, expected: str) -> NoteMalformed:
    """The error for a note, checkpoint or key that breaks its format."""
    return NoteMalformed(
        "The note breaks its format.",
        rule=rule,
        value=value,
        expected=expected,
        message_zh="签名文本不符合格式。",
    )
