"""A database restored from before the last anchor: the start check refuses it, and nothing is signed."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.faults.installation import COMMAND_DEADLINE_SECONDS, Installation, Role

INTEGRITY = 4


@dataclass(frozen=True)
class Copy:
    """A copy of the database from an earlier moment, and how large its tree was."""

    path: Path
    size: int


@dataclass(frozen=True)
class Refusal:
    """How the sequencer ended over a restored copy. `error` are the members of its JSON answer."""

    status: int
    error: dict[str, Any]
    signed: list[int]

    def faults(self, held: str) -> list[str]:
        """What is not as it must be: `held` is the head that chain and witness hold, in hexadecimal."""
        wrong = []
        if self.status != INTEGRITY or self.error.get("rule") != "sequencer.start":
            wrong.append(f"a restored database ended with {self.status}: {self.error}")
        if held not in str(self.error.get("value")) or "root " not in str(self.error.get("expected")):
            wrong.append(f"the refusal of a restored database does not name both heads: {self.error}")
        if self.signed:
            wrong.append(f"heads of sizes {self.signed} were signed over a restored database")
        return wrong


def copy_of(database: Path, target: Path) -> Copy:
    """A consistent copy, as a backup would make it, while the processes run."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as source, sqlite3.connect(target) as kept:
        source.backup(kept)
        (size,) = kept.execute("SELECT tree_size FROM log_state").fetchone()
    source.close()
    kept.close()
    return Copy(target, size)


def restore(installation: Installation, copy: Copy, folder: Path) -> Refusal:
    """Start a sequencer over the old copy, beside the chain and the witness that hold more.

    The home is copied: the installation's own database stays as it is.
    """
    return start(restored_home(installation, copy, folder / "restored"))


def restored_home(installation: Installation, copy: Copy, home: Path) -> Installation:
    """A second home over the same chain and witness, with the old copy as its database."""
    shutil.copytree(installation.home, home, ignore=shutil.ignore_patterns("node", "witness", "tanlu.sqlite3*"))
    (home / "node").symlink_to(installation.home / "node")
    shutil.copyfile(copy.path, home / "tanlu.sqlite3")
    return Installation(home, installation.rpc_port, installation.port, installation.witness_port)


def start(restored: Installation) -> Refusal:
    """Start the sequencer, which is to end by itself."""
    before = _signed(restored.database)
    done = subprocess.run(
        restored.command(Role.SEQUENCER), capture_output=True, text=True, timeout=COMMAND_DEADLINE_SECONDS, check=False
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    error = next((answer["error"] for answer in answers if "error" in answer), {})
    return Refusal(done.returncode, error, sorted(_signed(restored.database) - before))


def held_by_witness(installation: Installation) -> tuple[int, str]:
    """Size and root (hexadecimal) that the witness cosigned last, by its own word."""
    health = httpx.get(f"http://127.0.0.1:{installation.witness_port}/health", timeout=10.0).json()
    return int(health["size"]), str(health["root"])


def _signed(database: Path) -> set[int]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        found = {size for (size,) in connection.execute("SELECT size FROM checkpoints WHERE note IS NOT NULL")}
    connection.close()
    return found
