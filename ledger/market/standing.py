"""Where an account stands on the market, and what an auction's bids give: answered as judging an entry answers it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from attestation.assets import vintage_of
from attestation.facts.market import ClearingRecord, TradingRecord
from attestation.identifiers import account_id
from ledger.as_of import AsOf, as_of
from ledger.db.account_queries import AccountRepository
from ledger.db.assets import AssetRepository
from ledger.db.base import Database
from ledger.market.answering import Answering


@dataclass(frozen=True, slots=True)
class TraderView:
    """An account on the market: what it has of each quota to trade, and the epoch that its next order names."""

    identifier: str
    as_of: AsOf | None
    epoch: int
    holdings: tuple[tuple[int, TradingRecord], ...]


class StandingReader:
    """Read access to one log; each answer is one snapshot of the store. ``clock``: Unix seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def trader(self, identifier: str) -> TraderView | None:
        """Where an account stands; None for what is no enrolled park or enterprise."""
        with self._database.read() as store:
            accounts = AccountRepository(store)
            if accounts.holder(identifier) is None:
                return None
            facts = Answering(store, int(self._clock()))
            held = AssetRepository(store).balances(account_id(identifier))
            known = {*held, *accounts.assets_on_their_way(identifier), *facts.market.assets()}
            found = [
                (asset, facts.trading(identifier, asset)) for asset in sorted(known) if vintage_of(asset) is not None
            ]
            return TraderView(
                identifier=identifier,
                as_of=as_of(accounts, None),
                epoch=facts.epoch(identifier),
                holdings=tuple((asset, record) for asset, record in found if record != TradingRecord()),
            )

    def clearing(self, op_id: bytes) -> ClearingRecord | None:
        """What a ``clear`` of an auction must say, from the end of its reveals until it is said; else None."""
        with self._database.read() as store:
            facts = Answering(store, int(self._clock()))
            found = facts.auction(op_id)
            if found is None or found.cleared is not None or facts.now < found.reveal_until:
                return None
            return facts.clearing(op_id)
