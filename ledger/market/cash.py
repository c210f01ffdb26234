"""Reads of cash: what accounts have by the exchange, what of it is spoken for, what the bank must hold (DOMAIN 21)."""

from __future__ import annotations

import time
from collections.abc import Callable

from attestation.identifiers import account_id
from ledger.as_of import as_of
from ledger.db.account_queries import AccountRepository
from ledger.db.base import Database
from ledger.market.answering import Answering
from ledger.market.views import CashComparisonView, CashTotalView, CashView


class CashReader:
    """Read access to cash; each answer is one snapshot of the store. ``clock``: Unix seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def cash(self, identifier: str) -> CashView | None:
        """An account's cash; None for what is no enrolled park or enterprise."""
        with self._database.read() as store:
            accounts = AccountRepository(store)
            if accounts.holder(identifier) is None:
                return None
            facts = Answering(store, int(self._clock()))
            held = facts.cash(identifier)
            return CashView(
                identifier=identifier,
                account=account_id(identifier),
                as_of=as_of(accounts, None),
                free_fen=held.free,
                trading_fen=held.trading,
                withdrawing_fen=held.withdrawing,
                in_orders_fen=held.in_orders,
                unsettled_fen=held.unsettled,
                locked_fen=held.locked_bids,
                leaving_fen=held.leaving,
                arriving_fen=held.arriving,
                usable_fen=held.usable,
                withdrawable_fen=held.withdrawable,
                bank_account=facts.bank_account(identifier),
            )

    def total(self) -> CashTotalView:
        """All cash of the ledger."""
        with self._database.read() as store:
            facts = Answering(store, int(self._clock()))
            last = facts.exchange.reconciled()
            return CashTotalView(
                as_of=as_of(AccountRepository(store), None),
                total_fen=facts.exchange.total_cash(),
                halted=facts.cash_halted,
                compared=None if last is None else CashComparisonView(last.day, last.bank_fen, last.ledger_fen),
            )
