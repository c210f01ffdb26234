"""Blocks are checked while the log is judged: neither needs the other, and the process that puts ranges of the log
together mostly waits for its workers.

What is found is told when its step comes, so that divergences have the same order with and without workers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ledger.audit.blocks import check_blocks
from ledger.audit.evidence import ChainEvidence
from ledger.audit.findings import Divergence, Divergences
from ledger.audit.proven import Proven
from ledger.chain.contracts import Deployment

Progress = Callable[[int, int], None]
Blocks = Callable[[Divergences, Progress], tuple[int, list[str]]]
"""Hands over divergences; gives what ``check_blocks`` gives, and raises what it raises."""


class _Stopped(Exception):
    """Nobody waits for the rest."""


@contextmanager
def blocks_checked(
    chain: ChainEvidence | None, deployment: Deployment, *, beside: bool, proven: Proven | None = None
) -> Iterator[Blocks]:
    """Check the blocks of ``chain`` on a thread of its own, which ends with the block; without ``beside`` when they
    are asked for. ``proven`` gets the events of their receipts."""
    if chain is None or not beside:
        yield lambda divergences, progress: check_blocks(_there(chain), deployment, divergences, progress, proven)
        return
    stopped = threading.Event()
    kept: list[Divergence] = []

    def look(_done: int, _every: int) -> None:
        if stopped.is_set():
            raise _Stopped

    def check() -> tuple[int, list[str]]:
        # Opened again: a file or a connection has one reader at a time.
        with chain.locator().open() as again:
            return check_blocks(again, deployment, Divergences(kept.append), look, proven)

    with ThreadPoolExecutor(1, thread_name_prefix="blocks") as threads:
        found = threads.submit(check)

        def told(divergences: Divergences, progress: Progress) -> tuple[int, list[str]]:
            checked, left_out = found.result()
            for one in kept:
                divergences.take(one)
            progress(checked, checked)
            return checked, left_out

        try:
            yield told
        finally:
            stopped.set()


def _there(chain: ChainEvidence | None) -> ChainEvidence:
    if chain is None:
        raise ValueError("there is no chain to check")
    return chain
