"""Anvil's state on disk, such that no kill at any instant leaves it unreadable.

Anvil rewrites its own state file in place. Here the state is fetched from the running engine, written to a temporary
file, synced, and only then given its name; the generation before stays beside it. After the state comes `final.json`,
which names the last block that the saved state is known to contain: its number and hash are read *before* the state is
fetched, so the claim errs on the safe side only.

    state.json            the latest saved state           state.previous.json   the one before
    final.json            {"number": 17, "hash": "0x…"}    state.json.bad-1      set aside, never deleted
"""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ganache.errors import StateUnreadable


class _Header(msgspec.Struct):
    number: str
    timestamp: str


class _Block(msgspec.Struct):
    header: _Header


_MEMBERS = ("block", "accounts", "best_block_number", "blocks")


@dataclass(frozen=True, slots=True)
class Final:
    """The last block that cannot be forgotten: height and 0x-hash."""

    number: int
    hash: str


def read_final(path: Path) -> Final | None:
    """The content of `final.json`; None where there is none yet.

    Raises:
        StateUnreadable: the file is there and is not {number, hash}.
    """
    try:
        document = json.loads(path.read_bytes())
        return Final(int(document["number"]), str(document["hash"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise StateUnreadable(
            "state.final", path.name, f"not a {{number, hash}} document: {error}", "最终区块文件无法读取"
        ) from error


def decode_dump(dump: str, genesis_timestamp: str) -> bytes:
    """The JSON document inside the answer of `anvil_dumpState` (0x-hex of a gzip stream), with one genesis block.

    Anvil 1.7.1, started from a state, makes a genesis of its own beside the loaded one and dumps both; loaded again,
    one of them becomes block 0 by chance, and block 1 may no longer point at it. They differ in their time only.

    Args:
        dump: the answer.
        genesis_timestamp: `timestamp` of the running chain's block 0, as the engine spells it (0x-hex).

    Raises:
        StateUnreadable: not that, or no such genesis in it.
    """
    try:
        document = gzip.decompress(bytes.fromhex(dump.removeprefix("0x")))
    except (ValueError, OSError, EOFError) as error:
        raise StateUnreadable(
            "state.dump", dump[:20], f"not a gzip stream in hex: {error}", "节点导出的状态无法读取"
        ) from error
    members = check_document(document, "anvil_dumpState")
    blocks = msgspec.json.decode(members["blocks"], type=list[msgspec.Raw])
    headers = [msgspec.json.decode(block, type=_Block).header for block in blocks]
    kept = [
        block
        for block, header in zip(blocks, headers, strict=True)
        if int(header.number, 16) != 0 or header.timestamp == genesis_timestamp
    ]
    if sum(int(header.number, 16) == 0 for header in headers) - (len(blocks) - len(kept)) != 1:
        raise StateUnreadable(
            "state.genesis",
            genesis_timestamp,
            "the dump has not one genesis of that time",
            "节点导出的状态缺少创世区块",
        )
    if len(kept) == len(blocks):
        return document
    return msgspec.json.encode(members | {"blocks": msgspec.Raw(msgspec.json.encode(kept))})


def check_document(document: bytes, name: str) -> dict[str, msgspec.Raw]:
    """The members of a whole Anvil state, their values left as they are written.

    Raises:
        StateUnreadable: empty, truncated, or not the expected JSON object; `value` is `name` and the size.
    """
    what = f"{name}, {len(document)} bytes"
    try:
        members = msgspec.json.decode(document, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError as error:
        raise StateUnreadable("state.json", what, f"not a whole JSON document: {error}", "链状态文件不完整") from error
    missing = [member for member in _MEMBERS if member not in members]
    if missing:
        raise StateUnreadable("state.members", what, f"members missing: {', '.join(missing)}", "链状态文件缺少内容")
    return members


class StateStore:
    """The saved states in one folder. One writer at a time; the supervisor holds a lock on the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / "state.json"
        self.previous = folder / "state.previous.json"
        self.final = folder / "final.json"

    def save(self, document: bytes, final: Final) -> None:
        """Make `document` the current state, then `final` the claim about it. Durable on return."""
        temporary = self._write_temporary(self.current, document)
        if self.current.exists():
            # A second name for the old file, so that at no instant there is no current state.
            spare = self.previous.with_suffix(".tmp")
            spare.unlink(missing_ok=True)
            os.link(self.current, spare)
            spare.replace(self.previous)
        temporary.replace(self.current)
        self._sync_folder()
        self.write_final(final)

    def write_final(self, final: Final) -> None:
        """Replace `final.json` atomically and durably."""
        body = json.dumps({"number": final.number, "hash": final.hash}).encode()
        self._write_temporary(self.final, body).replace(self.final)
        self._sync_folder()

    def forget_final(self) -> None:
        """Withdraw the claim: the state that it spoke of is not the one that will be loaded."""
        self.final.unlink(missing_ok=True)
        self._sync_folder()

    def latest(self) -> tuple[Path | None, list[StateUnreadable]]:
        """The newest whole state, None where there is none, and the complaints about those set aside on the way."""
        complaints = []
        for path in (self.current, self.previous):
            if not path.exists():
                continue
            try:
                check_document(path.read_bytes(), path.name)
            except StateUnreadable as error:
                complaints.append(self.set_aside(path, error))
            else:
                return path, complaints
        return None, complaints

    def set_aside(self, path: Path, reason: StateUnreadable) -> StateUnreadable:
        """Rename an unreadable state out of the way, never delete it; the complaint that says where it went."""
        number = 1
        while (aside := path.with_name(f"{path.name}.bad-{number}")).exists():
            number += 1
        path.rename(aside)
        self._sync_folder()
        return StateUnreadable(
            reason.rule,
            reason.value,
            f"{reason.message}; set aside as {aside.name}",
            f"{reason.message_zh}，已改名为 {aside.name}",
        )

    def _write_temporary(self, path: Path, content: bytes) -> Path:
        temporary = path.with_name(f"{path.name}.tmp")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return temporary

    def _sync_folder(self) -> None:
        # A rename is durable only when the folder that holds the name is.
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
