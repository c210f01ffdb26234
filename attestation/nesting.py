"""How deep values may be nested, in this process: what is deeper is an error, and not the process's end.

Readers of JSON and pickles count their depth against the interpreter's limit. A library for curves, which the chain's
client loads without using it, lifts that to 100,000, far beyond what the stack holds (8 MiB, some 25,000 lists within
each other): from then on 100 KB of brackets end a process by SIGSEGV. Whoever loads such a client calls this beside it.
"""

from __future__ import annotations

import importlib
import sys
from typing import Final

DEEPEST: Final = 1_000
"""The interpreter's own."""


def hold_nesting() -> None:
    """Have the limit at :data:`DEEPEST`, from now on."""
    # It lifts the limit once, when it is loaded: loaded here, nobody's loading does so any more.
    importlib.import_module("py_ecc")
    sys.setrecursionlimit(DEEPEST)
