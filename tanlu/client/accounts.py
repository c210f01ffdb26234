"""What the service says of accounts and assets: one statement per account as of any block, and what became of every
unit (DOMAIN 22, law 3).

Assets are written ``quota-2025`` and ``ccer``. Amounts are whole tonnes, money is fen, instants unix seconds, hashes
and account ids lowercase hex.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from attestation.identifiers import account_id
from attestation.instants import format_instant
from tanlu.client.answers import decode
from tanlu.client.compliance import AsOf, ComplianceReads, Position, Terms

ACCOUNTS_PAGE = 100
"""Accounts of one request; the service gives no more at once."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """What an account holds of an asset. ``registry`` moves freely, ``trading`` is in the market, of which ``locked``
    is not sold yet, ``frozen`` stays. ``leaving``, ``arriving``: of accepted statements that are not on chain yet, out
    of ``registry`` and into it; 0 as of an earlier block."""

    asset: str
    registry: int
    trading: int
    locked: int
    frozen: int
    leaving: int
    arriving: int

    @property
    def available(self) -> int:
        """What one more statement may take, as far as the service knows."""
        return max(0, self.registry + self.arriving - self.leaving)


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """A freeze of ``tonnes``, of which ``left`` are frozen still; ``freeze`` is the operation that made it.
    ``lapses_at`` None: approved by two persons. ``index``: its entry in the log."""

    freeze: str
    asset: str
    tonnes: int
    left: int
    lapses_at: int | None
    document_hash: str
    index: int


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What an account owes back after reconciliation (DOMAIN 31), until when, and whose account it goes to."""

    tonnes: int
    due_at: int
    reserve: str


class AccountYear(Position, frozen=True, kw_only=True):
    """A compliance year of the account, with the year's terms and price."""

    terms: Terms | None
    price_fen: int | None


class AccountCash(msgspec.Struct, frozen=True, kw_only=True):
    """An account's money in fen: it waits for a use, stands behind orders, is on its way to the bank."""

    free_fen: int
    trading_fen: int
    withdrawing_fen: int

    @property
    def total_fen(self) -> int:
        """All of it."""
        return self.free_fen + self.trading_fen + self.withdrawing_fen


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The statement of an account. ``as_of`` None: this log has no ledger of units. ``at``: the instant that was asked
    for. ``suspended_at`` None: it is not suspended. ``pledged`` is part of what is frozen."""

    identifier: str
    account: str
    as_of: AsOf | None
    at: int | None = None
    holdings: tuple[Holding, ...]
    cash: AccountCash
    pledged: int
    freezes: tuple[Freeze, ...]
    suspended_at: int | None
    owed: Owed | None
    years: tuple[AccountYear, ...]

    def holding(self, asset: str) -> Holding:
        """What it holds of an asset, nothing of one that is not listed."""
        for one in self.holdings:
            if one.asset == asset:
                return one
        return Holding(asset=asset, registry=0, trading=0, locked=0, frozen=0, leaving=0, arriving=0)


class AccountSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a line; ``kind`` is its identifier's: ``park`` or ``enterprise``."""

    identifier: str
    account: str
    kind: str
    holdings: tuple[Holding, ...]
    suspended_at: int | None
    owed: Owed | None


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an asset: ``issued`` = ``registry`` + ``trading`` + ``frozen`` (what all accounts hold) +
    ``surrendered`` + ``cancelled`` (law 3). ``accounts``: how many hold some of it."""

    asset: str
    issued: int
    surrendered: int
    cancelled: int
    registry: int
    trading: int
    frozen: int
    accounts: int


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """Every asset that was ever issued, as of one block."""

    as_of: AsOf | None
    assets: tuple[Asset, ...]


class _Asset(Asset, frozen=True, kw_only=True):
    as_of: AsOf | None


class _Accounts(msgspec.Struct, frozen=True, kw_only=True):
    accounts: tuple[AccountSummary, ...]
    next: str | None


class AccountReads(ComplianceReads):
    """Reads of accounts: an enterprise's own; all for regulator and administration; raises RefusedByService for others.
    What there is of an asset in all is public."""

    def account(self, identifier: str, *, block: int | None = None, at: int | None = None) -> Account:
        """The statement of an account as of a block, by default of the last one that the service read; ``at`` (unix
        seconds) instead: as of the last block until then.

        Raises RefusedByService with status 404 for an identifier that has no account (``accounts.unknown``) and for a
        block or an instant that was not read (``accounts.block``, ``accounts.at``), PromiseBroken for figures that
        contradict each other.
        """
        asked: dict[str, str | int] = {} if block is None else {"block": block}
        asked |= {} if at is None else {"at": format_instant(at)}
        response = self._transport.request("GET", f"/v1/accounts/{quote(identifier, safe='')}", params=asked)
        found = decode(response.content, Account)
        self._check_account(found, identifier, block, response.text)
        if found.at != at:
            raise self._contradicted("answer.block", f"at {found.at}", f"at {at}", response.text)
        return found

    def accounts(self, *, page: int = ACCOUNTS_PAGE) -> Iterator[AccountSummary]:
        """Every account by identifier, ``page`` a request; for regulator and administration."""
        asked: dict[str, str | int] = {"limit": page}
        while True:
            response = self._transport.request("GET", "/v1/accounts", params=asked)
            found = decode(response.content, _Accounts)
            for one in found.accounts:
                self._check_id(one.identifier, one.account, response.text)
                yield one
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next == asked.get("after") or not found.accounts:
                raise self._contradicted("answer.page", f"after {found.next}", "a later page", response.text)
            asked["after"] = found.next

    def assets(self, *, block: int | None = None) -> Assets:
        """What became of every asset; PromiseBroken (``answer.supply``) where law 3 does not hold."""
        response = self._transport.request("GET", "/v1/assets", params={} if block is None else {"block": block})
        found = decode(response.content, Assets)
        self._check_block(found.as_of, block, response.text)
        for one in found.assets:
            self._check_supply(one, response.text)
        return found

    def asset(self, asset: str, *, block: int | None = None) -> Asset:
        """What became of one asset; all 0 for one that was never issued."""
        asked: dict[str, str | int] = {} if block is None else {"block": block}
        response = self._transport.request("GET", f"/v1/assets/{quote(asset, safe='')}", params=asked)
        found = decode(response.content, _Asset)
        if found.asset != asset:
            raise self._contradicted("answer.asset", found.asset, asset, response.text)
        self._check_block(found.as_of, block, response.text)
        self._check_supply(found, response.text)
        return found

    def _check_account(self, found: Account, identifier: str, block: int | None, text: str) -> None:
        if found.identifier != identifier:
            raise self._contradicted("answer.account", found.identifier, identifier, text)
        self._check_id(found.identifier, found.account, text)
        self._check_block(found.as_of, block, text)
        frozen: Counter[str] = Counter()
        for freeze in found.freezes:
            frozen[freeze.asset] += freeze.left
        for one in found.holdings:
            if not 0 <= one.locked <= one.trading:
                said = f"{one.asset}: {one.locked} t locked"
                raise self._contradicted("answer.account", said, f"at most {one.trading} t in trading", text)
        for asset in frozen.keys() | {one.asset for one in found.holdings}:
            if found.holding(asset).frozen != frozen[asset]:
                said = f"{asset}: {found.holding(asset).frozen} t frozen"
                raise self._contradicted("answer.account", said, f"{frozen[asset]} t left of its freezes", text)
        for year in found.years:
            if year.enterprise != identifier:
                raise self._contradicted("answer.account", f"a year of {year.enterprise}", identifier, text)
            self._check_position(year, year.terms, year.price_fen, text)

    def _check_id(self, identifier: str, account: str, text: str) -> None:
        expected = account_id(identifier).hex()
        if account != expected:
            raise self._contradicted("answer.account", f"{identifier}: {account}", expected, text)

    def _check_block(self, found: AsOf | None, block: int | None, text: str) -> None:
        if block is not None and (found is None or found.number != block):
            said = "no block" if found is None else f"block {found.number}"
            raise self._contradicted("answer.block", said, f"block {block}", text)

    def _check_supply(self, one: Asset, text: str) -> None:
        held = one.registry + one.trading + one.frozen
        gone = one.surrendered + one.cancelled
        if one.issued != held + gone:
            said = f"{one.asset}: {one.issued} t issued"
            wanted = f"{held} t held + {one.surrendered} t surrendered + {one.cancelled} t cancelled"
            raise self._contradicted("answer.supply", said, wanted, text)
