"""The scratch store that the tables are read from: what entries establish and events did, applied anew (law 5).

As an audit does it, but that signatures, sums and places are not judged: tables are views, and the audit judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from attestation.encoding import b64url_decode
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.statements import Report
from ledger.archive.tables.statement_rows import type_of
from ledger.audit.chain import project
from ledger.audit.evidence import ChainEvidence, EntryRow, LogEvidence
from ledger.chain.contracts import Deployment
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.errors import LedgerError
from ledger.fsck.replay import Replay, replaying

_REFUSED = (AttestationError, LedgerError, SQLAlchemyError, RuntimeError, LookupError)
"""What an entry that cannot follow raises. The audit names it; a view goes on without what it would have said."""


class _Place(msgspec.Struct):
    iss: str
    stream: str
    seq: int


_decoder = msgspec.json.Decoder(_Place)


@contextmanager
def scratch_store(
    log: LogEvidence, chain: ChainEvidence | None, parameters: LogParameters, deployment: Deployment, *, size: int
) -> Iterator[Database]:
    """The store after ``size`` entries and the chain's last block; gone afterwards. Raises ``ChainUnavailable``,
    ``ChainMoved``."""
    refused = [(one.op_id, one.kind) for one in log.refused()]
    with replaying(parameters, refused) as replay:
        establish = _Establishing(replay, parameters.origin)
        for row in log.entries(0, size - 1):
            establish.take(row)
        replay.commit()
        if chain is not None:
            project(replay.database, chain, deployment, lambda _done, _every: None)
        yield replay.database


class _Establishing:
    def __init__(self, replay: Replay, origin: str) -> None:
        self._replay, self._origin = replay, origin
        self._numbers: dict[tuple[str, str], int] = {}

    def take(self, row: EntryRow) -> None:
        """Readings and closes take their place, everything else is applied."""
        with suppress(*_REFUSED):
            if type_of(row.entry) in {"reading", "close"}:
                self._place(row)
            else:
                self._apply(row)

    def _place(self, row: EntryRow) -> None:
        with suppress(msgspec.DecodeError):
            place = _decoder.decode(b64url_decode(row.entry.split(b".")[1]))
            name = (place.iss, place.stream)
            self._replay.place(self._number(name), name, place.seq)

    def _apply(self, row: EntryRow) -> None:
        statement = examine(row.entry, self._origin)
        body = statement.body
        period: tuple[Any, Any] = (None, None)
        if isinstance(body, Report):
            period = parse_instant(body.period.start), parse_instant(body.period.end)
        columns = {
            "idx": row.index,
            "stream_id": self._number((statement.iss, statement.stream)),
            "seq": statement.seq,
            "type": statement.type,
            "statement_id": statement.statement_id,
            "leaf_hash": statement.leaf_hash,
            "accepted_at": row.accepted_at,
            "period_start": period[0],
            "period_end": period[1],
            "entry": row.entry,
        }
        self._replay.apply(columns, statement)

    def _number(self, name: tuple[str, str]) -> int:
        return self._numbers.setdefault(name, len(self._numbers) + 1)
