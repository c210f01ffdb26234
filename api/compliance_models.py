"""Answers about obligations (DOMAIN 2 to 7). Amounts are whole tonnes, money is fen, shares are basis points."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field

from api.block_models import AsOf
from api.models import HASH, Answer
from ledger.compliance_views import ComplianceYearView, EnterpriseYear, ObligationView, YearTerms
from ledger.db.assets import Score


class ComplianceTerms(Answer):
    """The terms of a compliance year, as two persons signed them."""

    offset_cap_bps: int = Field(description="CCER that count, of the obligation (DOMAIN 3).")
    surrender_deadline: int = Field(description="The first second that is too late.")
    carry_over_until: int = Field(description="The first second that is too late for a carry-over (DOMAIN 6).")
    closes_at: int = Field(description="From then on what is left of the vintage is cancelled.")
    carry_base_bps: int
    carry_multiple_bps: int
    charge_multiple_bps: int = Field(description="50,000 is five times the price (DOMAIN 7).")
    amendment_seconds: int = Field(description="For how long an amendment's difference can be surrendered (DOMAIN 2).")
    earlier_vintages: bool = Field(description="Quota of earlier vintages is accepted too (DOMAIN 5).")
    document_hash: str = Field(pattern=HASH)
    index: int = Field(description="Log position of the entry that set them.")

    @classmethod
    def of(cls, found: YearTerms) -> Self | None:
        """From the log's view; None before the first."""
        terms = found.terms
        if terms is None:
            return None
        return cls(
            offset_cap_bps=terms.offset_cap_bps,
            surrender_deadline=terms.surrender_deadline,
            carry_over_until=terms.carry_over_until,
            closes_at=terms.closes_at,
            carry_base_bps=terms.carry_base_bps,
            carry_multiple_bps=terms.carry_multiple_bps,
            charge_multiple_bps=terms.charge_multiple_bps,
            amendment_seconds=terms.amendment_seconds,
            earlier_vintages=terms.earlier_vintages,
            document_hash=terms.document_hash.hex(),
            index=terms.entry_index,
        )


class PublishedScore(Answer):
    """The credit score of a year that stands (DOMAIN 49)."""

    points_bps: int = Field(description="0 to 10,000.")
    grade: int = Field(description="0 unrated, 1 for D to 5 for A+.")
    formula: str = Field(pattern=HASH)
    input_root: str = Field(pattern=HASH)
    revision: int
    published_at: int

    @classmethod
    def of(cls, score: Score | None) -> Self | None:
        """From the projection."""
        if score is None:
            return None
        return cls(
            points_bps=score.points_bps,
            grade=score.grade,
            formula=score.formula.hex(),
            input_root=score.input_root.hex(),
            revision=score.revision,
            published_at=score.published_at,
        )


class CompliancePosition(Answer):
    """How an enterprise stands in a year, as `Compliance.positionOf` says it (docs/contracts.md)."""

    enterprise: str
    year: int
    emissions: int = Field(description="Registered on chain; with `revision` 0 where none are.")
    revision: int
    offset_cap: int = Field(description="CCER that can count: floor(offset_cap_bps * emissions / 10,000).")
    quota: int = Field(description="Surrendered, of all vintages.")
    offsets_used: int = Field(description="CCER surrendered.")
    offsets_counted: int = Field(description="Of those, what counts: at most the cap (law 4).")
    credit_in: int = Field(description="From the year before, after an amendment down (DOMAIN 2).")
    credit_out: int = Field(description="To the next year.")
    due: int = Field(description="Still to be met: emissions + credit_out - quota - credit_in - offsets_counted.")
    missed: int = Field(description="What the last assessment found missing.")
    charge_fen: int = Field(description="What was charged for it (DOMAIN 7).")
    charge_now_fen: int | None = Field(
        description="What `due` would be charged by the price and terms as they are; null without either."
    )
    carried: int = Field(description="Of this vintage carried over (DOMAIN 6).")
    deadline: int | None = Field(description="The first second that is too late for a surrender; null without terms.")
    assessed: bool
    closed: bool = Field(description="The year was closed for the account: what it held free of it is cancelled.")
    score: PublishedScore | None

    @classmethod
    def of(cls, found: EnterpriseYear) -> Self:
        """From the log's view."""
        return cls.model_validate(position_members(found))


class Obligation(Answer):
    """An enterprise's year, with what holds for it and what is on its way."""

    as_of: AsOf | None = Field(description="Null where no chain was read.")
    terms: ComplianceTerms | None
    price_fen: int | None = Field(description="Price of a missing tonne; null before the first.")
    position: CompliancePosition
    quota_leaving: int = Field(description="Accepted surrenders of quota that are not on chain yet.")
    offsets_leaving: int
    carried_leaving: int

    @classmethod
    def of(cls, found: ObligationView) -> Self:
        """From the log's view."""
        return cls(
            as_of=AsOf.of(found.as_of),
            terms=ComplianceTerms.of(found.year_terms),
            price_fen=found.year_terms.price_fen,
            position=CompliancePosition.of(found.found),
            quota_leaving=found.quota_leaving,
            offsets_leaving=found.offsets_leaving,
            carried_leaving=found.carried_leaving,
        )


class ComplianceYear(Answer):
    """A compliance year and those who have emissions registered for it, by identifier."""

    year: int
    as_of: AsOf | None
    terms: ComplianceTerms | None
    price_fen: int | None
    positions: list[CompliancePosition]
    next: str | None = Field(description="Ask with `after` set to it for more, if not null.")

    @classmethod
    def of(cls, year: int, found: ComplianceYearView, following: str | None) -> Self:
        """From the log's view."""
        return cls(
            year=year,
            as_of=AsOf.of(found.as_of),
            terms=ComplianceTerms.of(found.year_terms),
            price_fen=found.year_terms.price_fen,
            positions=[CompliancePosition.of(one) for one in found.enterprises],
            next=following,
        )


def position_members(found: EnterpriseYear) -> dict[str, Any]:
    """The members of a position."""
    position = found.position
    return {
        "enterprise": found.enterprise,
        "year": found.year,
        "emissions": position.emissions,
        "revision": position.revision,
        "offset_cap": position.offset_cap,
        "quota": position.quota,
        "offsets_used": position.offsets_used,
        "offsets_counted": position.offsets_counted,
        "credit_in": position.credit_in,
        "credit_out": position.credit_out,
        "due": position.due,
        "missed": position.missed,
        "charge_fen": position.charge_fen,
        "charge_now_fen": found.charge_now_fen,
        "carried": position.carried,
        "deadline": position.deadline or None,
        "assessed": position.assessed,
        "closed": found.closed,
        "score": PublishedScore.of(found.score),
    }
