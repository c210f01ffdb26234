"""Proposed scores against the ledger's own facts, as of the moment that each names (DOMAIN 49).

That points and grade follow from the proposal's inputs is judged with the entry (``ledger.audit.judging``). Here the
inputs themselves are computed again, from what entries and the chain's events gave. How well a report is covered by
devices takes its readings: it is told where the evidence is a database, whose readings the pass has judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.bodies import ProposeScore
from attestation.errors import AttestationError
from attestation.examination import examine
from ledger.audit.evidence import LogEvidence
from ledger.audit.findings import Area, Divergences
from ledger.context import LogParameters
from ledger.db.log_models import Entry
from ledger.errors import LedgerError
from ledger.report_coverage import ReportCoverage, cover_report
from ledger.scores import Cover, Moment, is_reached, moment_at, score_inputs, to_statement

_SCORE, _BACKING = "score", "backing"


def check_scores(
    session: Session,
    parameters: LogParameters,
    log: LogEvidence,
    divergences: Divergences,
    *,
    readings: Session | None = None,
) -> tuple[int, list[str]]:
    """Name each input of a proposed score that the ledger does not give.

    ``session``: of the store that entries and chain gave. ``readings``: of a database that has the readings, too; None
    leaves out the share that devices signed. Returns how many proposals were computed, and what was not and why.
    """
    computed = 0
    left_out: list[str] = []
    now = moment_at(session, parameters, log.count())
    query = select(Entry.index, Entry.entry).where(Entry.type == _SCORE).order_by(Entry.index)
    for index, entry in session.execute(query).all():
        try:
            body = examine(entry, parameters.origin).body
        except AttestationError:
            continue  # named by the pass
        if not isinstance(body, ProposeScore):
            continue
        moment = Moment(body.as_of.size, body.as_of.block)
        if not is_reached(moment, now):
            left_out.append(f"score, entry {index}: the recorded chain does not reach block {body.as_of.block}")
            continue
        last = next(iter(log.entries(moment.size - 1, moment.size - 1)), None)
        if last is None:
            continue  # an entry that is missing was named
        cover: Cover = _untold if readings is None else partial(cover_report, readings, parameters)
        try:
            accepted_at = next(iter(log.entries(moment.size - 1, moment.size - 1))).accepted_at
            inputs = score_inputs(session, parameters, body.enterprise, body.year, moment, at=accepted_at, cover=cover)
        except LedgerError as error:
            divergences.refused(Area.SCORE, f"entry {index}", error)
            continue
        computed += 1
        _compare(index, body.inputs, to_statement(inputs), divergences, backing=readings is not None)
    if computed and readings is None:
        left_out.append("scores: the share of emissions that devices signed, which a database tells")
    return computed, left_out


def _untold(_index: int) -> ReportCoverage | None:
    return None


def _compare(
    index: int, said: Mapping[str, Any], wanted: Mapping[str, Any], divergences: Divergences, *, backing: bool
) -> None:
    for name in sorted({*said, *wanted}):
        if name == _BACKING and not backing:
            continue
        # As JSON: to Python `true` is 1.
        found, expected = (_shown(document.get(name)) for document in (said, wanted))
        if found != expected:
            divergences.add(Area.SCORE, f"entry {index}, inputs.{name}", "score.inputs", found, expected)


def _shown(value: object) -> str:
    return "not known" if value is None else msgspec.json.encode(value, order="sorted").decode()
