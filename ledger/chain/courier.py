"""Hands stored transactions to the node, in their order, while the round goes on.

One thread, which touches the network and nothing else: what it is given was committed before, and what the node says of
it is told to the thread that writes. So the next transactions are judged, signed and stored, and the last ones read
back, while the node takes in and executes these.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Self

from ledger.chain.errors import RequestRefused
from ledger.chain.signing import SignedTransaction

__all__ = ["Courier", "Parcel"]

Parcel = tuple[Sequence[int], SignedTransaction]
"""The outbox rows that a transaction carries, and the transaction."""


class Courier:
    """A context: at its end everything was handed over; where the block raises, what did not leave yet stays, for the
    next round to find.

    Parameters
    ----------
    send
        Hands over one transaction's bytes, in the thread (``Rpc.send_raw``).
    """

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._waiting: SimpleQueue[Parcel | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._ended_by: BaseException | None = None
        self.refused: list[tuple[Parcel, RequestRefused]] = []
        """What the node did not take, and why; what came after it was handed over all the same."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._over.set()
        if self._thread is not None:
            self._waiting.put(None)
            # Each sending has its own deadline, and after one that failed nothing else is sent.
            self._thread.join()
        if error is None:
            self.check()

    def take(self, parcel: Parcel) -> None:
        """Hand this over after what was taken before; its bytes are durable."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
            self._thread.start()
        self._waiting.put(parcel)

    def check(self) -> None:
        """Raise what ended the handing over, as a node that does not answer."""
        if self._ended_by is not None:
            raise self._ended_by

    def _run(self) -> None:
        while (parcel := self._waiting.get()) is not None:
            if self._over.is_set():
                continue
            try:
                self._send(parcel[1].raw)
            except RequestRefused as error:
                self.refused.append((parcel, error))
            except BaseException as error:  # told to whoever waits for this thread
                self._ended_by = error
                self._over.set()
