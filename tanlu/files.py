"""New files: written once, never over another."""

from __future__ import annotations

import os
from pathlib import Path

from tanlu.errors import InputRefused


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist, durably. Raises InputRefused (``file.exists``)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise exists(path) from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def exists(path: Path) -> InputRefused:
    """The refusal to write over a file."""
    return InputRefused(
        rule="file.exists",
        value=path.name,
        expected="a file that is not there yet",
        message=f"{path.name} exists and is not written over",
        message_zh=f"文件 {path.name} 已存在，不会覆盖",
    )
