"""Obligations as they are shown: terms and price of a year, where an account stands in it, what it is charged
(DOMAIN 2 to 7). The numbers are the contract's, read of the chain; instants are unix seconds, amounts whole tonnes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.assets import CCER
from attestation.identifiers import account_id
from ledger.as_of import AsOf, as_of
from ledger.chain.operations import Kind
from ledger.db.account_queries import AccountRepository
from ledger.db.asset_operations import AssetOperationRepository
from ledger.db.assets import AssetRepository, Position, Score
from ledger.db.base import Database
from ledger.db.obligation_models import ChainTermsRow

POSITIONS_SHOWN = 100
"""A page of positions holds at most this many: each costs a few queries."""
_WHOLE_BPS = 10_000


@dataclass(frozen=True, slots=True)
class YearTerms:
    """What holds for a year: the terms, and the price of a missing tonne in fen; each None before the first."""

    terms: ChainTermsRow | None
    price_fen: int | None

    def charge_fen(self, tonnes: int) -> int | None:
        """What that many missing tonnes are charged, half up to the fen, as ``Compliance.assess`` does it (DOMAIN 7);
        None without terms or price."""
        if self.terms is None or self.price_fen is None:
            return None
        return (tonnes * self.price_fen * self.terms.charge_multiple_bps + _WHOLE_BPS // 2) // _WHOLE_BPS


@dataclass(frozen=True, slots=True)
class EnterpriseYear:
    """An enterprise's year. ``charge_now_fen``: what is due now would be charged as price and terms are."""

    enterprise: str
    year: int
    position: Position
    charge_now_fen: int | None
    closed: bool
    score: Score | None


@dataclass(frozen=True, slots=True)
class ObligationView:
    """An enterprise's year with what holds for it, and tonnes that accepted entries have on their way."""

    as_of: AsOf | None
    year_terms: YearTerms
    found: EnterpriseYear
    quota_leaving: int
    offsets_leaving: int
    carried_leaving: int


@dataclass(frozen=True, slots=True)
class ComplianceYearView:
    """A year, and a page of its enterprises by identifier."""

    as_of: AsOf | None
    year_terms: YearTerms
    enterprises: tuple[EnterpriseYear, ...]


class ComplianceReader:
    """Reads of obligations; every call is one snapshot of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def obligation(self, enterprise: str, year: int) -> ObligationView | None:
        """How the enterprise stands in the year; None for what is no enrolled park or enterprise."""
        with self._database.read() as session:
            if AccountRepository(session).holder(enterprise) is None:
                return None
            holds = year_terms(session, year)
            flying = AssetOperationRepository(session).flying
            offsets = flying(Kind.SURRENDER, enterprise, year, assets=(CCER,))
            return ObligationView(
                as_of(AccountRepository(session), None),
                holds,
                enterprise_year(session, enterprise, year, holds),
                quota_leaving=flying(Kind.SURRENDER, enterprise, year) - offsets,
                offsets_leaving=offsets,
                carried_leaving=flying(Kind.CARRY_OVER, enterprise, year),
            )

    def year(self, year: int, *, after: str | None = None, limit: int = POSITIONS_SHOWN) -> ComplianceYearView:
        """Terms, price, and the enterprises with a figure registered for the year, by identifier, above ``after``."""
        with self._database.read() as session:
            accounts, holds = AccountRepository(session), year_terms(session, year)
            names = sorted(accounts.names(AssetRepository(session).obliged(year)).values(), key=str.encode)
            shown = [name for name in names if after is None or name.encode() > after.encode()][:limit]
            return ComplianceYearView(
                as_of(accounts, None),
                holds,
                tuple(enterprise_year(session, name, year, holds) for name in shown),
            )


def year_terms(session: Session, year: int, block: int | None = None) -> YearTerms:
    """Terms and price of a year as of a block (None: of all that was read)."""
    units = AssetRepository(session)
    return YearTerms(units.terms(year, block=block), units.price(year, block=block))


def enterprise_year(
    session: Session, enterprise: str, year: int, holds: YearTerms, block: int | None = None
) -> EnterpriseYear:
    """The enterprise's year as of a block, with terms and price as of the same."""
    units, account = AssetRepository(session), account_id(enterprise)
    position = units.position(account, year, block=block)
    return EnterpriseYear(
        enterprise,
        year,
        position,
        charge_now_fen=holds.charge_fen(position.due),
        closed=units.closed(account, year, block=block) is not None,
        score=units.score(account, year, block=block),
    )
