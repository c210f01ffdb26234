"""Signed statements as files: one compact JWS, with one line end."""

from __future__ import annotations

from pathlib import Path

from attestation.statements import MAX_ENTRY_BYTES
from tanlu.errors import InputRefused
from tanlu.files import write_new


def write_statement(path: Path, entry: bytes) -> None:
    """Write a signed statement to a new file. Raises InputRefused (``file.exists``, ``file.folder``)."""
    write_new(path, entry + b"\n")


def read_statement(path: Path) -> bytes:
    """The entry in a file, without the line end. Raises InputRefused (``statement.file``)."""
    with path.open("rb") as file:
        data = file.read(MAX_ENTRY_BYTES + 3)
    entry = data.removesuffix(b"\n").removesuffix(b"\r")
    if not entry or len(entry) > MAX_ENTRY_BYTES or entry.count(b".") != 2:
        raise InputRefused(
            rule="statement.file",
            value=f"{path.name}, {len(entry)} bytes or more",
            expected=f"one compact JWS of at most {MAX_ENTRY_BYTES} bytes",
            message=f"{path.name} holds no signed statement",
            message_zh=f"{path.name} 不是已签名的声明",
        )
    return entry
