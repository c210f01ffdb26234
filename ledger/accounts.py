"""The statement of an account as of any block, and what became of every unit: the read side of law 3 and law 5.

What an account holds, owes and has met is the chain's word, as it was read. Beside that stands what accepted entries
have on their way there; an answer as of an earlier block leaves that out. Accounts are named by identifiers of parks
and enterprises, assets as in ``attestation.assets``; amounts are whole tonnes, money is fen, instants unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.assets import CCER, vintage_of
from attestation.identifiers import account_id
from attestation.keys import Kind
from ledger.as_of import AsOf, as_of, block_at
from ledger.compliance_views import EnterpriseYear, YearTerms, enterprise_year, year_terms
from ledger.db.account_queries import AccountRepository, Circulation
from ledger.db.asset_operations import AssetOperationRepository
from ledger.db.assets import AssetRepository, Balance, FreezeState, Owed, Supply
from ledger.db.base import Database
from ledger.db.exchange import Cash, ExchangeRepository

ACCOUNTS_SHOWN = 100
"""A page of accounts holds at most this many: each costs a few queries."""


@dataclass(frozen=True, slots=True)
class HoldingView:
    """What an account holds of an asset, and what accepted entries have on their way out of what it holds freely and
    into it. ``locked``: of its trading balance, bought too lately to be sold (DOMAIN 16, 17)."""

    asset: int
    balance: Balance
    locked: int
    leaving: int
    arriving: int


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account in a line; ``suspended_at`` 0: it is not suspended. ``reserve``: to whose account what it owes goes,
    by identifier where that is known, else its account id in hexadecimal."""

    identifier: str
    kind: str
    account: bytes
    holdings: tuple[HoldingView, ...]
    suspended_at: int
    owed: Owed
    reserve: str


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """The whole statement. ``cash``: what the exchange says that it has. ``pledged`` is part of what is frozen.
    ``years``: those that have terms, a figure or a score, with what held for each. ``at``: the instant that was asked
    for; None where a block was."""

    summary: AccountSummary
    as_of: AsOf | None
    cash: Cash
    pledged: int
    freezes: tuple[FreezeState, ...]
    years: tuple[tuple[EnterpriseYear, YearTerms], ...]
    at: int | None = None


@dataclass(frozen=True, slots=True)
class AssetView:
    """What became of an asset. Law 3: ``supply.issued`` is what is held, surrendered and cancelled together."""

    asset: int
    supply: Supply
    held: Circulation


class AccountReader:
    """Reads of accounts and assets; every call is one snapshot of the store.

    ``block``: the block to be as of, None for the head; ``at``: an instant (unix seconds) instead, answered as of the
    last block until then. Raises ``OutOfRange`` (``accounts.block``, ``accounts.at``) for what was not read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, identifier: str, *, block: int | None = None, at: int | None = None) -> AccountStatement | None:
        """The statement of an account; None for what is no enrolled park or enterprise."""
        with self._database.read() as session:
            accounts, units = AccountRepository(session), AssetRepository(session)
            holder = accounts.holder(identifier)
            if holder is None:
                return None
            block = block if at is None else block_at(accounts, at)
            seen, account = as_of(accounts, block), account_id(identifier)
            return AccountStatement(
                _summary(session, identifier, holder.kind, block),
                seen,
                cash=ExchangeRepository(session).cash(account, block=block),
                # A pledge is a freeze to which the holder consented (DOMAIN 22); no entry makes one yet.
                pledged=0,
                freezes=tuple(units.freezes(account, block=block)),
                years=_years(session, identifier, block) if holder.kind == Kind.ENTERPRISE else (),
                at=at,
            )

    def accounts(self, *, after: str | None = None, limit: int = ACCOUNTS_SHOWN) -> Sequence[AccountSummary]:
        """Accounts by identifier, above ``after``, of everybody who can hold units."""
        with self._database.read() as session:
            rows = AccountRepository(session).holders(after=after, limit=limit)
            return [_summary(session, row.identifier, row.kind, None) for row in rows]

    def assets(self, *, block: int | None = None) -> tuple[AsOf | None, tuple[AssetView, ...]]:
        """Every asset that was ever issued, quota by vintage first."""
        with self._database.read() as session:
            at = as_of(AccountRepository(session), block)
            known = [one for one in AssetRepository(session).assets(block=block) if _has_tonnes(one)]
            return at, tuple(_asset(session, one, block) for one in known)

    def asset(self, asset: int, *, block: int | None = None) -> tuple[AsOf | None, AssetView]:
        """One asset; all 0 for one that was never issued."""
        with self._database.read() as session:
            return as_of(AccountRepository(session), block), _asset(session, asset, block)


def _summary(session: Session, identifier: str, kind: str, block: int | None) -> AccountSummary:
    units, account = AssetRepository(session), account_id(identifier)
    owed = units.owed(account, block=block)
    return AccountSummary(
        identifier,
        kind,
        account,
        _holdings(session, identifier, units.balances(account, block=block), block),
        units.suspended_at(account, block=block),
        owed,
        _name(session, owed.reserve),
    )


def _holdings(
    session: Session, identifier: str, held: Mapping[int, Balance], block: int | None
) -> tuple[HoldingView, ...]:
    operations, exchange, pending = AssetOperationRepository(session), ExchangeRepository(session), block is None
    coming = AccountRepository(session).assets_on_their_way(identifier) if pending else frozenset[int]()
    return tuple(
        HoldingView(
            asset,
            held.get(asset, Balance()),
            locked=exchange.locked(account_id(identifier), asset, block=block),
            leaving=operations.leaving(identifier, asset) if pending else 0,
            arriving=operations.arriving(identifier, asset) if pending else 0,
        )
        for asset in sorted({one for one in held if _has_tonnes(one)} | coming)
    )


def _years(session: Session, enterprise: str, block: int | None) -> tuple[tuple[EnterpriseYear, YearTerms], ...]:
    accounts, account = AccountRepository(session), account_id(enterprise)
    years = {
        *AssetRepository(session).years(account, block=block),
        *accounts.term_years(block=block),
        *accounts.score_years(account, block=block),
    }
    holding = {year: year_terms(session, year, block) for year in sorted(years)}
    return tuple((enterprise_year(session, enterprise, year, holds, block), holds) for year, holds in holding.items())


def _asset(session: Session, asset: int, block: int | None) -> AssetView:
    supply = AssetRepository(session).supply(asset, block=block)
    return AssetView(asset, supply, AccountRepository(session).circulation(asset, block=block))


def _name(session: Session, account: bytes | None) -> str:
    return "" if account is None else AccountRepository(session).names([account]).get(account, account.hex())


def _has_tonnes(asset: int) -> bool:
    return asset == CCER or vintage_of(asset) is not None
