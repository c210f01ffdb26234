"""What a key has signed by hand, kept beside the key: ``FILE.signed/<deployment>/<stream>/<seq>.jws``.

Two different statements at one place of a stream are equivocation, for ever on record against the signer. A signature
is therefore on disk before it leaves the program, and its place is taken from then on: after a crash the same bytes are
submitted again instead of being signed anew with another time.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from tanlu.errors import InputRefused
from tanlu.files import no_folder

SUFFIX = ".jws"
_DEPLOYMENT_DIGITS = 16


class SignedStatements:
    """The statements of one key file in one log (`log` is the origin; it ends with the deployment id)."""

    def __init__(self, key_path: Path, log: str) -> None:
        deployment = log.rsplit("/", 1)[-1][:_DEPLOYMENT_DIGITS]
        self._folder = key_path.with_name(key_path.name + ".signed") / deployment

    def last_seq(self, stream: str) -> int:
        """The highest seq signed in that stream, or 0."""
        folder = self._folder / stream
        return max((int(file.stem) for file in folder.glob(f"*{SUFFIX}") if file.stem.isdigit()), default=0)

    def path(self, stream: str, seq: int) -> Path:
        """Where the statement of that place is kept."""
        return self._folder / stream / f"{seq}{SUFFIX}"

    def read(self, stream: str, seq: int) -> bytes | None:
        """The statement kept at that place, or None."""
        try:
            return self.path(stream, seq).read_bytes().rstrip(b"\n")
        except FileNotFoundError:
            return None

    def sign(self, stream: str, seq: int, sign: Callable[[int], bytes]) -> bytes:
        """The bytes of `sign(seq)`, kept durably before they are returned.

        The same bytes may be asked for again. Raises InputRefused: ``sequence.signed`` where others stand already,
        ``file.folder`` where nothing can be kept beside the key.
        """
        entry = sign(seq)
        target = self.path(stream, seq)
        try:
            self._keep(stream, seq, target, entry)
        except OSError as error:
            raise no_folder(target.parent, error) from error
        return entry

    @staticmethod
    def _keep(stream: str, seq: int, target: Path, entry: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".new-") as file:
            file.write(entry + b"\n")
            file.flush()
            os.fsync(file.fileno())
            try:
                # A link never replaces: of two processes that sign for one place, one gets it.
                os.link(file.name, target)
            except FileExistsError:
                if target.read_bytes().rstrip(b"\n") != entry:
                    raise _taken(stream, seq, target) from None
        _sync(target.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _taken(stream: str, seq: int, target: Path) -> InputRefused:
    return InputRefused(
        rule="sequence.signed",
        value=f"{stream} {seq}",
        expected="a place where this key has signed nothing else",
        message=f"This key has signed another statement at seq {seq} of {stream} (kept in {target.name}); "
        "two would be equivocation. Submit the kept one; if it was refused, take the next seq: its place stays a gap",
        message_zh=f"该密钥已在 {stream} 的第 {seq} 号签署过其他声明，重复签署构成双重声明；"
        "若原件被拒，请用下一序号，原位置保持为缺口",
    )
