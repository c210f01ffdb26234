"""The log of reads: who asked for what that is not public, and how it was answered.

Rows are written in batches beside the requests: within ``WRITE_SECONDS``, when many wait, before the log of reads is
itself read in this process, and when the service ends. What was answered in the last moment before a kill is missing.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ledger.db.access import AccessRepository
from ledger.db.base import Database

WRITE_SECONDS = 1.0
_BATCH = 1_000
_MOST_WAITING = 100_000

_logger = logging.getLogger(__name__)


class ReadLog:
    """Collects rows and writes them from a thread of its own, which begins with the first row."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, row: dict[str, Any]) -> None:
        """Take a row (the columns of ``reads`` but for ``id``). Never blocks on the store."""
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                # The store has been away for long; requests that need it are refused anyway.
                _logger.error("the log of reads is full, a row is lost")
                return
            self._waiting.append(row)
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
                self._thread.start()
            if len(self._waiting) >= _BATCH:
                self._wake.set()

    def write(self) -> None:
        """Write what waits. Raises SQLAlchemyError, and keeps what could not be written."""
        with self._writing:
            while True:
                with self._lock:
                    rows = self._waiting[:_BATCH]
                if not rows:
                    return
                with self._database.write() as session:
                    AccessRepository(session).add_reads(rows)
                with self._lock:
                    del self._waiting[: len(rows)]

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(WRITE_SECONDS * 10)
        self._try()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(WRITE_SECONDS)
            self._wake.clear()
            self._try()

    def _try(self) -> None:
        try:
            self.write()
        except SQLAlchemyError as error:
            _logger.warning("the log of reads waits: %s", type(error).__name__)
