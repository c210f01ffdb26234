"""The witness's own state: one JSON file, replaced atomically, held by one process.

Durability: ``save`` returns after the new file and its directory entry are on disk. A crash leaves the old state or the
new one, never a mixture; the lock dies with its process.

Warning: whoever restores an old copy of this file makes the witness forget, and it may then cosign a fork.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from attestation.encoding import strict_object
from attestation.errors import AttestationError
from ledger.errors import WitnessInUse, WitnessStateInvalid
from ledger.merkle import HASH_SIZE, MAX_SIZE
from ledger.witness.core import WitnessState

_VERSION: Final = 1
_TYPE: Final = "witness-state"
_MEMBERS: Final = ("v", "type", "origin", "epoch", "size", "root", "note")
_MODE: Final = 0o600


class StateFile:
    """The locked state file at ``path``, as a context manager; raises ``WitnessInUse`` if another process has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = -1

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # The lock is a file of its own: the state file is replaced, and a lock on a replaced file protects nothing.
        descriptor = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise WitnessInUse(
                "Another process holds this witness's state.",
                rule="witness.lock",
                value=self._path,
                expected="one witness per state file",
                message_zh="另一个进程正在使用此见证人的状态。",
            ) from error
        self._lock = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._lock)
        self._lock = -1

    def load(self, origin: str, *, first_epoch: int | None = None) -> WitnessState:
        """The state kept for ``origin``.

        Where there is none yet it is created at size 0 of ``first_epoch``; with ``first_epoch`` None a missing file
        is an error. Raises ``WitnessStateInvalid`` for a damaged file or one of another log.
        """
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            if first_epoch is None:
                raise _invalid("witness.state-missing", self._path, "the witness's state file") from None
            state = WitnessState(origin, first_epoch)
            self.save(state)
            return state
        state = parse_state(data)
        if state.origin != origin:
            raise _invalid("witness.state-origin", state.origin, origin)
        return state

    def save(self, state: WitnessState) -> None:
        """Make ``state`` durable. Raises ``OSError``; the old state stands then."""
        if self._lock < 0:
            raise RuntimeError("the state file is not locked")
        temporary = self._path.with_name(f"{self._path.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(format_state(state))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def format_state(state: WitnessState) -> bytes:
    """The file's bytes. Sizes are strings: they exceed what every JSON reader keeps exact."""
    members = (
        _VERSION,
        _TYPE,
        state.origin,
        str(state.epoch),
        str(state.size),
        state.root.hex(),
        state.note.decode(),
    )
    return json.dumps(dict(zip(_MEMBERS, members, strict=True)), ensure_ascii=False, indent=1).encode() + b"\n"


def parse_state(data: bytes) -> WitnessState:
    """The state in a file's bytes. Raises ``WitnessStateInvalid``."""
    try:
        members = strict_object(data)
    except AttestationError as error:
        raise _invalid("witness.state-json", error.value, error.expected) from error
    if tuple(members) != _MEMBERS or (members["v"], members["type"]) != (_VERSION, _TYPE):
        raise _invalid("witness.state-members", ", ".join(members), ", ".join(_MEMBERS))
    origin, epoch, size, root, note = (members[name] for name in _MEMBERS[2:])
    if not (isinstance(origin, str) and isinstance(root, str) and isinstance(note, str)):
        raise _invalid("witness.state-members", "a member that is no text", "text")
    try:
        raw = bytes.fromhex(root)
    except ValueError:
        raise _invalid("witness.state-root", root, "64 hex digits") from None
    if len(raw) != HASH_SIZE:
        raise _invalid("witness.state-root", root, "64 hex digits")
    return WitnessState(origin, _number(epoch), _number(size), raw, note.encode())


def _number(value: object) -> int:
    if not isinstance(value, str) or not (value.isascii() and value.isdecimal()) or int(value) > MAX_SIZE:
        raise _invalid("witness.state-number", value, f"a decimal string up to {MAX_SIZE}")
    return int(value)


def _invalid(rule: str, value: object, expected: object) -> WitnessStateInvalid:
    return WitnessStateInvalid(
        "The witness's state cannot be used.",
        rule=rule,
        value=value,
        expected=expected,
        message_zh="见证人的状态无法使用。",
    )
