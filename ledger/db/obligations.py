"""Queries over what was read of obligations and scores, as of any block; amounts and accounts as in ``unit_queries``.

A position follows from rows by the rules of ``Compliance.positionOf``: the registered figure, the year's terms, what
was surrendered, credited, carried over and assessed (DOMAIN 2, 3, 6, 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.assets import CCER
from ledger.db.chain_queries import count, last, sums, until
from ledger.db.emission_models import ChainEmissionsRow
from ledger.db.obligation_models import (
    ChainAssessmentRow,
    ChainCarryOverRow,
    ChainClosureRow,
    ChainCreditRow,
    ChainPriceRow,
    ChainScoreRow,
    ChainSurrenderRow,
    ChainTermsRow,
)

_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Position:
    """Where an account's year stands, members as in ``ICompliance.Position``.

    ``registered_at``: when the figure of this ``revision`` was registered, 0 without one. ``excess``: what was
    surrendered beyond the obligation and is no credit yet.
    """

    emissions: int = 0
    revision: int = 0
    offset_cap: int = 0
    quota: int = 0
    offsets_used: int = 0
    offsets_counted: int = 0
    credit_in: int = 0
    credit_out: int = 0
    due: int = 0
    missed: int = 0
    charge_fen: int = 0
    carried: int = 0
    deadline: int = 0
    assessed: bool = False
    registered_at: int = 0
    excess: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """A published score (DOMAIN 49); ``published_at``: the block's time."""

    account: bytes
    year: int
    points_bps: int
    grade: int
    formula: bytes
    input_root: bytes
    revision: int
    published_at: int
    entry_index: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed score that is open for comment until before ``comments_until``."""

    account: bytes
    year: int
    points_bps: int
    grade: int
    formula: bytes
    input_root: bytes
    comments_until: int
    entry_index: int


class ObligationQueries:
    """Part of ``ledger.db.assets.AssetRepository``: the rows of ``ledger.db.obligation_models``."""

    _session: Session

    def terms(self, year: int, *, block: int | None = None) -> ChainTermsRow | None:
        """The terms of a year as they stand, ``None`` before the first."""
        row: ChainTermsRow | None = last(self._session, ChainTermsRow, block, ChainTermsRow.year == year)
        return row

    def price(self, year: int, *, block: int | None = None) -> int | None:
        """The price of a missing tonne of the year, in fen; ``None`` before the first."""
        row = last(self._session, ChainPriceRow, block, ChainPriceRow.year == year)
        return None if row is None else int(row.fen_per_tonne)

    def price_charged(self, year: int, *, block: int | None = None) -> bool:
        """Whether something was charged by the year's price, which stands from then on."""
        row = ChainAssessmentRow
        query = until(select(row.op_id).where(row.year == year, row.missed > 0), row, block)
        return self._session.scalar(query.limit(1)) is not None

    def position(self, account: bytes, year: int, *, block: int | None = None) -> Position:
        """Where the account's year stands."""
        terms, figure = self.terms(year, block=block), self._figure(account, year, block)
        emissions, revision = (0, 0) if figure is None else (figure.tonnes, figure.revision)
        registered_at = 0 if figure is None else figure.registered_at or 0
        quota, offsets = self._surrendered(account, year, block)
        credit_in, credit_out = self._credit(account, year - 1, block), self._credit(account, year, block)
        cap = 0 if terms is None else emissions * terms.offset_cap_bps // _WHOLE_BPS
        counted = min(offsets, cap)
        balance = emissions + credit_out - quota - credit_in - counted
        row = ChainAssessmentRow
        assessed = last(self._session, row, block, row.account == account, row.year == year)
        return Position(
            emissions=emissions,
            revision=revision,
            offset_cap=cap,
            quota=quota,
            offsets_used=offsets,
            offsets_counted=counted,
            credit_in=credit_in,
            credit_out=credit_out,
            due=max(0, balance),
            missed=0 if assessed is None else assessed.missed,
            charge_fen=0 if assessed is None else int(assessed.charge_fen),
            carried=self._carried(account, year, block),
            deadline=_deadline(terms, revision, registered_at),
            assessed=assessed is not None,
            registered_at=registered_at,
            excess=max(0, -balance),
        )

    def lowest_since(self, account: bytes, year: int, since: int, *, block: int | None = None) -> int | None:
        """The lowest figure of the account's year that stood at ``since`` (unix seconds) or later, as
        ``EmissionsRegistry.lowestSince`` gives it; ``None`` where none is registered."""
        row = ChainEmissionsRow
        query = select(row.tonnes, row.registered_at).where(row.enterprise == account, row.year == year)
        lowest: int | None = None
        for tonnes, registered_at in self._session.execute(until(query.order_by(row.revision.desc()), row, block)):
            lowest = tonnes if lowest is None else min(lowest, tonnes)
            if (registered_at or 0) <= since:
                break
        return lowest

    def surrenders(
        self, account: bytes | None = None, year: int | None = None, *, block: int | None = None
    ) -> Sequence[ChainSurrenderRow]:
        """What was surrendered, in the order of the chain: by an account, for a year, where given."""
        row = ChainSurrenderRow
        query = select(row).order_by(row.block_number, row.log_index)
        query = query if account is None else query.where(row.account == account)
        query = query if year is None else query.where(row.year == year)
        found: Sequence[ChainSurrenderRow] = self._session.scalars(until(query, row, block)).all()
        return found

    def years(self, account: bytes, *, block: int | None = None) -> Sequence[int]:
        """The years of which anything is known of the account, ascending: a figure, a surrender, a credit, a charge."""
        known: set[int] = set()
        for row, owner in (
            (ChainEmissionsRow, ChainEmissionsRow.enterprise),
            (ChainSurrenderRow, ChainSurrenderRow.account),
            (ChainAssessmentRow, ChainAssessmentRow.account),
        ):
            known |= set(self._session.scalars(until(select(row.year).where(owner == account).distinct(), row, block)))
        credit = ChainCreditRow
        credited = self._session.scalars(until(select(credit.year).where(credit.account == account), credit, block))
        return sorted(known | {each + 1 for each in credited})

    def obliged(self, year: int, *, block: int | None = None) -> Sequence[bytes]:
        """Accounts with a figure registered for the year, ascending."""
        row = ChainEmissionsRow
        query = until(select(row.enterprise).where(row.year == year).distinct(), row, block)
        return sorted(self._session.scalars(query))

    def closed(self, account: bytes, year: int, *, block: int | None = None) -> ChainClosureRow | None:
        """The last closing of the year for the account, or ``None``."""
        row = ChainClosureRow
        found: ChainClosureRow | None = last(self._session, row, block, row.account == account, row.year == year)
        return found

    def score(self, account: bytes, year: int, *, block: int | None = None) -> Score | None:
        """The published score of the account and year, ``None`` where none stands."""
        steps = self._score_steps(account, year, block)
        found: Score | None = None
        for row in steps:
            if row.step == "published":
                number, at = row.revision or 0, row.at
                found = Score(
                    account, year, *_scored(row), revision=number, published_at=at, entry_index=row.entry_index
                )
            elif row.step == "withdrawn" and row.published:
                found = None
        return found

    def proposal(self, account: bytes, year: int, *, block: int | None = None) -> Proposal | None:
        """The proposed score of the account and year, ``None`` where none stands."""
        steps = self._score_steps(account, year, block)
        if not steps or steps[-1].step != "proposed":
            return None
        row = steps[-1]
        return Proposal(
            account, year, *_scored(row), comments_until=row.comments_until or 0, entry_index=row.entry_index
        )

    def _score_steps(self, account: bytes, year: int, block: int | None) -> Sequence[ChainScoreRow]:
        row = ChainScoreRow
        query = select(row).where(row.account == account, row.year == year).order_by(row.block_number, row.log_index)
        found: Sequence[ChainScoreRow] = self._session.scalars(until(query, row, block)).all()
        return found

    def _figure(self, account: bytes, year: int, block: int | None) -> ChainEmissionsRow | None:
        row = ChainEmissionsRow
        query = select(row).where(row.enterprise == account, row.year == year).order_by(row.revision.desc()).limit(1)
        found: ChainEmissionsRow | None = self._session.scalars(until(query, row, block)).one_or_none()
        return found

    def _surrendered(self, account: bytes, year: int, block: int | None) -> tuple[int, int]:
        """Quota and offsets."""
        row = ChainSurrenderRow
        query = select(row.asset, *sums(row.tonnes)).where(row.account == account, row.year == year)
        found = self._session.execute(until(query.group_by(row.asset), row, block)).all()
        tonnes = {asset: count(value) for asset, value in found}
        offsets = tonnes.pop(CCER, 0)
        return sum(tonnes.values()), offsets

    def _credit(self, account: bytes, year: int, block: int | None) -> int:
        row = ChainCreditRow
        query = select(*sums(row.tonnes)).where(row.account == account, row.year == year)
        return count(self._session.scalar(until(query, row, block)))

    def _carried(self, account: bytes, vintage: int, block: int | None) -> int:
        row = ChainCarryOverRow
        query = select(*sums(row.tonnes)).where(row.account == account, row.vintage == vintage)
        return count(self._session.scalar(until(query, row, block)))


def _deadline(terms: ChainTermsRow | None, revision: int, registered_at: int) -> int:
    if terms is None:
        return 0
    extended = registered_at + terms.amendment_seconds if revision > 1 else 0
    return max(terms.surrender_deadline, extended)


def _scored(row: ChainScoreRow) -> tuple[int, int, bytes, bytes]:
    return row.points_bps or 0, row.grade or 0, row.formula or b"", row.input_root or b""
