"""New files: written once, never over another, and only where their folder takes them."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from tanlu.errors import InputRefused

_REASONS_ZH = {
    errno.ENOENT: "目录不存在",
    errno.ENOTDIR: "路径中有一项不是目录",
    errno.EEXIST: "路径中有一项不是目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "只读",
    errno.ENOSPC: "空间不足",
    errno.ENAMETOOLONG: "名称过长",
}


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file that must not exist, durably. Raises InputRefused (``file.exists``, ``file.folder``)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise exists(path) from None
    except OSError as error:
        raise no_folder(path.parent, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        # Half a file would stand in the way of the next attempt.
        path.unlink(missing_ok=True)
        raise no_folder(path.parent, error) from error


def require_new(path: Path) -> None:
    """For what cannot be taken back before the file is written. Raises InputRefused (``file.exists``,
    ``file.folder``)."""
    # A link that leads nowhere is there too: it would not be written through.
    if os.path.lexists(path):
        raise exists(path)
    require_folder(path)


def require_folder(path: Path) -> None:
    """The folder of `path` must take a new file of that name. Raises InputRefused (``file.folder``)."""
    try:
        # By trying: modes do not tell of read-only media, and mean little to the superuser.
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise no_folder(path.parent, error) from error
    try:
        os.lstat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise no_folder(path.parent, error) from error


def exists(path: Path) -> InputRefused:
    """The refusal to write over a file."""
    return InputRefused(
        rule="file.exists",
        value=path.name,
        expected="a file that is not there yet",
        expected_zh="尚不存在的文件",
        message=f"{path.name} exists and is not written over",
        message_zh=f"文件 {path.name} 已存在，不会覆盖",
    )


def no_folder(folder: Path, error: OSError) -> InputRefused:
    """The refusal of a place where nothing can be written, with the system's reason."""
    reason = f"{folder}: {error.strerror}"
    return InputRefused(
        rule="file.folder",
        value=reason,
        expected="a folder that is there and takes new files",
        expected_zh="已存在且可写的目录",
        message=f"No file can be made in {reason}",
        message_zh=f"无法在目录 {folder} 中新建文件：{_REASONS_ZH.get(error.errno or 0, error.strerror)}",
    )
