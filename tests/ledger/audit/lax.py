"""A log whose service does not judge: what it takes against a rule is what an audit has to find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import ledger.log
from attestation.context import Context, KeyRecord
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.statements import Close, Reading, Report, Statement
from attestation.verification import Verdict, find_key
from ledger.audit import Divergence, store_evidence
from ledger.audit.entries import LogPass
from ledger.audit.findings import Divergences
from ledger.audit.scoring import check_scores
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.fsck.replay import replaying
from tests.ledger.mirrored import memory, refused_operations


@contextmanager
def taking_everything() -> Iterator[None]:
    """Both logs of a mirror take what has a good form and signature."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger.log, "judge", _unjudged)
        patch.setattr(memory, "verify", _verified)
        yield


def audited(database: Database, parameters: LogParameters, *, scores: list[int] | None = None) -> list[Divergence]:
    """What the pass over the entries finds wrong with a store's log; ``scores`` gets how many were computed again, of
    which the inputs are told, too."""
    found: list[Divergence] = []
    refused = refused_operations(database)
    with store_evidence(database.url) as log, replaying(parameters, refused) as replay:
        walk = LogPass(log, parameters, replay, Divergences(found.append), heads=(), reached=lambda _size, _root: None)
        walk.run(workers=0, progress=lambda _done, _every: None)
        assert walk.checked == log.count()
        if scores is not None:
            replay.commit()
            with replay.database.read() as session, log.store.session() as readings:
                divergences = Divergences(found.append)
                computed, left_out = check_scores(session, parameters, log, divergences, readings=readings)
                assert left_out == []
                scores.append(computed)
    return found


def _unjudged(statement: Statement, context: Context, key: KeyRecord | None = None) -> Verdict:
    record = find_key(statement, context) if key is None else key
    body: Any = statement.content
    if isinstance(body, Reading | Close):
        return Verdict(record, period=(parse_instant(body.start), parse_instant(body.end)))
    if isinstance(body, Report):
        return Verdict(record, period=(parse_instant(body.period.start), parse_instant(body.period.end)))
    return Verdict(record)


def _verified(entry: bytes, context: Context) -> tuple[Statement, Verdict]:
    statement = examine(entry, context.origin)
    return statement, _unjudged(statement, context)
