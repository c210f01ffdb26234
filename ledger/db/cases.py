"""Queries over cases: plans, assignments, draws, findings, verdicts, objections, registrations, green certificates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import TypeVar

from sqlalchemy import Select, bindparam, collate, select, union
from sqlalchemy.orm import Session

from ledger.chain.operations import FIGURE_KINDS
from ledger.db.base import Base
from ledger.db.case_models import (
    AssignmentRow,
    DrawRow,
    FindingRow,
    GreenCertificateRow,
    ObjectionRow,
    PlanRow,
    RegistrationRow,
    ReplacedFigureRow,
    VerdictRow,
)
from ledger.db.chain_models import OutboxRow
from ledger.db.emission_models import ChainEmissionsRow
from ledger.db.log_models import Entry, ReportRow, Stream

_Row = TypeVar("_Row", PlanRow, AssignmentRow, DrawRow, FindingRow, VerdictRow, ObjectionRow, RegistrationRow)
_CaseRow = TypeVar("_CaseRow", AssignmentRow, DrawRow, FindingRow, VerdictRow, RegistrationRow, ReplacedFigureRow)


# What every step of a case asks, made once: SQLAlchemy takes several times as long to make a query as to run it.
@cache
def _of_case(table: type[_CaseRow]) -> Select[_CaseRow]:
    query = select(table).where(table.enterprise == bindparam("enterprise"), table.year == bindparam("year"))
    return query.order_by(table.entry_index)


class CaseRepository:
    """Reads and writes of the tables of cases in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_statement(self, table: type[_Row], statement_id: bytes) -> _Row | None:
        """The row that the statement of that id (32 bytes) made."""
        return self._session.scalars(select(table).where(table.statement_id == statement_id)).one_or_none()

    def by_index(self, table: type[_Row], index: int) -> _Row:
        """The row that the entry at ``index`` made; it is there."""
        return self._session.get_one(table, index)

    def of_case(self, table: type[_CaseRow], enterprise: str, year: int) -> Sequence[_CaseRow]:
        """The case's rows in log order."""
        return self._session.scalars(_of_case(table), {"enterprise": enterprise, "year": year}).all()

    def assigned_at(self, now: int) -> list[tuple[str, str]]:
        """Verifier and enterprise of every assignment that is not ended, in its days at ``now`` (unix seconds)."""
        query = select(AssignmentRow.verifier, AssignmentRow.enterprise).where(
            AssignmentRow.ended_index.is_(None), AssignmentRow.start_at <= now, AssignmentRow.until_at > now
        )
        return [(verifier, enterprise) for verifier, enterprise in self._session.execute(query)]

    def plan_of(self, enterprise: str, version: str) -> PlanRow | None:
        """The enterprise's plan of that version."""
        query = select(PlanRow).where(PlanRow.enterprise == enterprise, PlanRow.version == version)
        return self._session.scalars(query).one_or_none()

    def report(self, statement_id: bytes) -> tuple[ReportRow, Entry] | None:
        """The report of that statement id, with its entry."""
        query = select(ReportRow, Entry).join(Entry, Entry.index == ReportRow.entry_index)
        found = self._session.execute(query.where(ReportRow.statement_id == statement_id)).one_or_none()
        return None if found is None else (found[0], found[1])

    def reports_of(self, enterprise: str, year: int, *, standing: bool = False) -> list[tuple[ReportRow, Entry]]:
        """The case's reports in log order with their entries; ``standing``: only what nothing supersedes."""
        query = (
            select(ReportRow, Entry)
            .join(Entry, Entry.index == ReportRow.entry_index)
            .where(ReportRow.issuer == enterprise, ReportRow.year == year)
            .order_by(ReportRow.entry_index)
        )
        if standing:
            query = query.where(ReportRow.superseded_by.is_(None))
        return [(row, entry) for row, entry in self._session.execute(query)]

    def known(
        self, enterprises: Collection[str] | None, year: int | None, after: tuple[str, int] | None, limit: int
    ) -> list[tuple[str, int]]:
        """Enterprise and year of the next cases by the bytes of their names, at most ``limit``: of those enterprises
        and of that year, where they are given."""
        tables = [ReportRow.issuer, AssignmentRow.enterprise, DrawRow.enterprise, RegistrationRow.enterprise]
        years = [ReportRow.year, AssignmentRow.year, DrawRow.year, RegistrationRow.year]
        cases = union(
            *(select(who.label("enterprise"), when.label("year")) for who, when in zip(tables, years, strict=True))
        ).subquery()
        # A PostgreSQL server may order text as its country does: pages would differ from one store to another.
        by_bytes = "C" if self._session.get_bind().dialect.name == "postgresql" else "BINARY"
        name = collate(cases.c.enterprise, by_bytes)
        query = select(cases.c.enterprise, cases.c.year).order_by(name, cases.c.year).limit(limit)
        if enterprises is not None:
            query = query.where(cases.c.enterprise.in_(enterprises))
        if year is not None:
            query = query.where(cases.c.year == year)
        if after is not None:
            same = (cases.c.enterprise == after[0]) & (cases.c.year > after[1])
            query = query.where((name > after[0]) | same)
        return [(enterprise, number) for enterprise, number in self._session.execute(query)]

    def entries(self, indexes: Collection[int]) -> list[tuple[Entry, str]]:
        """Entries with their issuers, in log order."""
        query = select(Entry, Stream.issuer).join(Stream, Stream.id == Entry.stream_id)
        rows = self._session.execute(query.where(Entry.index.in_(indexes)).order_by(Entry.index))
        return [(entry, issuer) for entry, issuer in rows]

    def objections_of(self, enterprise: str, year: int) -> Sequence[ObjectionRow]:
        """The case's objections in log order."""
        query = select(ObjectionRow).join(VerdictRow, VerdictRow.entry_index == ObjectionRow.verdict_index)
        query = query.where(VerdictRow.enterprise == enterprise, VerdictRow.year == year)
        return self._session.scalars(query.order_by(ObjectionRow.entry_index)).all()

    def on_chain(self, account: bytes, year: int, revision: int) -> bool:
        """Whether the emissions registry was seen to hold that version of the account's figure."""
        return self._session.get(ChainEmissionsRow, (account, year, revision)) is not None

    def told(self, operations: Collection[bytes]) -> set[str]:
        """In which states the chain writes of these operation ids, of figures, are."""
        return set(
            self._session.scalars(
                select(OutboxRow.state).where(OutboxRow.op_id.in_(operations), OutboxRow.kind.in_(FIGURE_KINDS))
            )
        )

    def objection_to(self, verdict_index: int) -> ObjectionRow | None:
        """The objection to the verdict at that index."""
        return self._session.scalars(select(ObjectionRow).where(ObjectionRow.verdict_index == verdict_index)).first()

    def certificate(self, serial: str) -> GreenCertificateRow | None:
        """The green certificate of that serial."""
        return self._session.get(GreenCertificateRow, serial)

    def add(self, row: Base) -> None:
        """Add a row and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()

    def remove(self, row: Base) -> None:
        """Delete a row, so that the next statement of the same transaction does not see it."""
        self._session.delete(row)
        self._session.flush()

    def send(self) -> None:
        """Send changed rows to the database, in this transaction."""
        self._session.flush()
