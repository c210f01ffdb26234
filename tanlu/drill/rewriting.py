"""An archive written anew with one member changed or left out, and a manifest that fits."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from ledger.archive.layout import MANIFEST

Edit = Callable[[str, bytes], bytes | None]
"""Gets name and bytes of each member; the bytes that it is to have, or None to leave it out."""


def edited(prefix: str, old: bytes, new: bytes) -> Edit:
    """The first of some bytes in members whose name begins so, exchanged in one of them."""
    done: list[str] = []

    def edit(name: str, data: bytes) -> bytes:
        if name.startswith(prefix) and old in data and done in ([], [name]):
            done[:] = [name]
            return data.replace(old, new, 1)
        return data

    return edit


def dropped(prefix: str) -> Edit:
    """Members whose name begins so, left out."""
    return lambda name, data: None if name.startswith(prefix) else data


def without_last_line(name: str) -> Edit:
    """A member without its last line."""

    def edit(member: str, data: bytes) -> bytes:
        return b"".join(data.splitlines(keepends=True)[:-1]) if member == name else data

    return edit


def rewrite(path: Path, edit: Edit, *, manifest: bool) -> bool:
    """Write the archive at ``path`` anew; with ``manifest``, one that fits. False where nothing changed."""
    members: list[tuple[str, bytes]] = []
    changed = False
    with tarfile.open(path, mode="r:") as tar:
        for member in tar:
            file = tar.extractfile(member)
            data = b"" if file is None else file.read()
            kept = data if member.name == MANIFEST else edit(member.name, data)
            changed |= kept != data
            if kept is not None:
                members.append((member.name, kept))
    if manifest:
        sums = "".join(f"{sha256(data).hexdigest()}  {name}\n" for name, data in members if name != MANIFEST)
        members = [*((name, data) for name, data in members if name != MANIFEST), (MANIFEST, sums.encode())]
    with tarfile.open(path, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o644, 0
            tar.addfile(info, io.BytesIO(data))
    return changed
