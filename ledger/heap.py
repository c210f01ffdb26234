"""What a long-running process made while it started stays until it ends: the cyclic collector need not look at it.

Every thousand statements are some ten thousand new objects, and looking through the old generation again costs as much
as the whole program is large (docs/performance.md).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle_heap() -> None:
    """Take everything that is alive now out of the collector's sight; what comes later is collected as ever.

    Called once, when a process has made its parts and before it serves.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def without_collector() -> Iterator[None]:
    """For work that makes many objects, none of them in a cycle, and is done with them soon: it would be looked for
    cycles among them at every step."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
