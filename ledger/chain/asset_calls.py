"""From what the log says of units, obligations, scores and the market to the call that tells their contracts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from sqlalchemy.orm import Session

from attestation.typed_message import Checker
from ledger.chain.answer import Answer, Call, Wait
from ledger.chain.asset_intents import (
    AllocatePartIntent,
    AssessIntent,
    AssetIntent,
    CloseIntent,
    CollectIntent,
    CreditIntent,
    LapseFreezeIntent,
    ProposeScoreIntent,
    PublishScoreIntent,
    SignedIntent,
    WithdrawScoreIntent,
)
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES, EXCHANGE, Deployment
from ledger.chain.credit_scores import CreditScores
from ledger.chain.exchange import Exchange, ExchangeIntent
from ledger.chain.market_intents import MarketIntent, SettleIntent
from ledger.chain.rpc import BlockRef, Rpc
from ledger.chain.trades import settle_data, trade_bytes
from ledger.db.chain_models import ChainBlockRow
from ledger.fill_places import FillPlaces
from ledger.settled_fills import is_trade

_GAS = 600_000
_GAS_PER_ACCOUNT = 150_000
"""A row of a run writes a balance, a mark and perhaps a debt; an account of a close ends two balances."""


class AssetCalls:
    """Builds calls for one round: each intent is one contract's.

    Parameters
    ----------
    rpc, deployment
        Where the contracts are, if the deployment has them.
    session
        In which it is looked up which trades were settled.
    """

    def __init__(self, rpc: Rpc, deployment: Deployment, session: Session) -> None:
        addresses = deployment.addresses
        self._session = session
        self._orders_domain = deployment.exchange_domain
        self._there = CARBON_LEDGER in addresses
        if self._there:
            self._ledger = CarbonLedger(rpc, addresses[CARBON_LEDGER])
            self._compliance = Compliance(rpc, addresses[COMPLIANCE])
            self._scores = CreditScores(rpc, addresses[CREDIT_SCORES])
        self._exchange = Exchange(rpc, addresses[EXCHANGE]) if EXCHANGE in addresses else None
        self._places: FillPlaces | None = None

    def look_ahead(self, intents: Iterable[AssetIntent]) -> None:
        """What the round will build: what there is to know of its fills is asked for at once."""
        if self._orders_domain is not None:
            fills = [intent for intent in intents if isinstance(intent, SettleIntent)]
            self._places = FillPlaces(self._session, self._orders_domain, fills)

    def build(self, op_id: bytes, intent: AssetIntent) -> Answer:
        """The call for an intent, or why there is none now."""
        if not self._there:
            return Wait("this deployment has no ledger of units")
        if isinstance(intent, MarketIntent) or _of_exchange(intent):
            return self._market(op_id, intent)
        contract = self._contract(intent)
        if contract.op_used(op_id):
            return Wait("")
        return Call(contract.address, self._data(op_id, intent), _gas(intent))

    def _market(self, op_id: bytes, intent: ExchangeIntent) -> Answer:
        if self._exchange is None:
            return Wait("this deployment has no exchange")
        if isinstance(intent, SettleIntent):
            return self._settle(op_id, intent, self._exchange)
        if self._exchange.op_used(op_id):
            return Wait("")
        return Call(self._exchange.address, self._exchange.tell(op_id, intent), _GAS)

    def _settle(self, op_id: bytes, intent: SettleIntent, exchange: Exchange) -> Answer:
        if self._places is None:
            self.look_ahead([intent])
        places, domain = self._places, self._orders_domain
        if places is not None and domain is not None:
            if places.in_doubt_before(intent):
                return Wait("it is open whether the fill before it was refused")
            intent = places.as_asked(intent)
            # Holders of bilateral orders settle them themselves, by another name, and perhaps before the log has them.
            trade = places.trade(intent)
            if trade is not None and is_trade(intent, domain, trade):
                block = self._session.get_one(ChainBlockRow, trade.block_number)
                return Wait("", effect=BlockRef(block.number, block.hash))
        packed = trade_bytes(op_id, intent)
        return Call(exchange.address, settle_data(packed), _GAS, trade=packed)

    def _contract(self, intent: AssetIntent) -> CarbonLedger | Compliance | CreditScores:
        match intent:
            case SignedIntent(message=message):
                return self._compliance if message.CHECKER is Checker.COMPLIANCE else self._ledger
            case AssessIntent() | CreditIntent() | CloseIntent():
                return self._compliance
            case ProposeScoreIntent() | PublishScoreIntent() | WithdrawScoreIntent():
                return self._scores
            case _:
                return self._ledger

    def _data(self, op_id: bytes, intent: AssetIntent) -> bytes:
        match intent:
            case SignedIntent(message=message) if message.CHECKER is Checker.COMPLIANCE:
                return self._compliance.tell(op_id, intent)
            case AssessIntent() | CreditIntent() | CloseIntent():
                return self._compliance.tell(op_id, intent)
            case ProposeScoreIntent() | PublishScoreIntent() | WithdrawScoreIntent():
                return self._scores.tell(op_id, intent)
            case SignedIntent() | AllocatePartIntent() | CollectIntent() | LapseFreezeIntent():
                return self._ledger.tell(op_id, intent)
            case other:
                raise TypeError(f"{other.kind} is told to the exchange")


def _of_exchange(intent: AssetIntent) -> TypeGuard[SignedIntent]:
    return isinstance(intent, SignedIntent) and intent.message.CHECKER is Checker.EXCHANGE


def _gas(intent: AssetIntent) -> int:
    match intent:
        case AllocatePartIntent(items=rows):
            return _GAS + _GAS_PER_ACCOUNT * len(rows)
        case CloseIntent(accounts=rows):
            return _GAS + _GAS_PER_ACCOUNT * len(rows)
        case _:
            return _GAS
