"""Ways to lose the saved state of the local chain while its process is down: gone, cut short, both generations cut."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path


def empty(node: Path) -> None:
    """Nothing is left: the chain starts at genesis."""
    shutil.rmtree(node, ignore_errors=True)
    if (node / "state.json").exists():
        raise RuntimeError(f"{node} could not be emptied")


def cut(node: Path) -> None:
    """The newest state ends in the middle: the generation before it is what the chain starts from."""
    _truncate(node / "state.json")


def cut_both(node: Path) -> None:
    """No generation can be read: the chain starts at genesis."""
    _truncate(node / "state.json")
    _truncate(node / "state.previous.json")


LOSSES: Mapping[str, Callable[[Path], None]] = {"empty": empty, "cut": cut, "cut_both": cut_both}
"""By name, in the order in which a round goes through them."""


def _truncate(path: Path) -> None:
    if path.exists():
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
