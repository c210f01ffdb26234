"""Bindings of ``Exchange`` (docs/contracts.md)."""

from __future__ import annotations

from dataclasses import dataclass

from attestation.market_messages import (
    BankBinding,
    CancelAll,
    CancelOrder,
    Deposit,
    MarketReference,
    MarketTerms,
    Order,
    Payout,
    TradingMove,
    Withdrawal,
)
from ledger.chain.contracts import EXCHANGE, Contract, signature_words
from ledger.chain.market_intents import (
    BarIntent,
    CloseDayIntent,
    HaltDayIntent,
    MarketIntent,
    OpenDayIntent,
    ReconcileIntent,
    SettleIntent,
    SweepIntent,
)
from ledger.chain.rpc import BlockTag, Rpc
from ledger.chain.signed_intents import SignedIntent

ExchangeIntent = SignedIntent | MarketIntent
"""What the exchange is told."""
_APPROVED = {
    MarketTerms: "setTerms",
    MarketReference: "setReference",
    BankBinding: "bind",
    Deposit: "deposit",
    Payout: "payout",
}
"""Two persons' messages, and the call that takes each."""


@dataclass(frozen=True, slots=True)
class CashOnChain:
    """What an account has in fen, as ``cashOf`` gives it."""

    free: int
    trading: int
    withdrawing: int


@dataclass(frozen=True, slots=True)
class DayOnChain:
    """A trading day as ``dayOf`` gives it; ``status``: 1 open, 2 halted, 3 closed."""

    status: int
    mode: int
    index: int
    reference_fen: int
    volume: int
    value_fen: int
    lock_days: int
    band_bps: int
    block_band_bps: int
    fee_bps: int
    block_threshold: int
    cut_off: int


class Exchange(Contract):
    """Calls to the exchange at one address. Accounts have 32 bytes, units are whole tonnes, cash fen."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, EXCHANGE, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect; of a trade it says nothing."""
        return bool(self.view("opUsed", op_id)[0])

    def deployment_id(self) -> bytes:
        """The 32-byte deployment id that the contract signs under."""
        return bytes(self.view("deploymentId")[0])

    def tell(self, op_id: bytes, intent: ExchangeIntent) -> bytes:
        """Call data of what an intent asks for."""
        match intent:
            case SignedIntent():
                return self._signed(intent)
            case SettleIntent():
                return self.data("settle", trade_words(op_id, intent))
            case told:
                function, arguments = _registrars(told)
                return self.data(function, op_id, *arguments, told.entry)

    def _signed(self, intent: SignedIntent) -> bytes:
        message, words = intent.message.as_tuple(), [signature_words(each) for each in intent.signatures]
        match intent.message:
            case MarketTerms() | MarketReference() | BankBinding() | Deposit() | Payout() as approved:
                return self.data(_APPROVED[type(approved)], message, words, intent.entry)
            case TradingMove():
                return self.data("move", message, words[0], intent.entry)
            case Withdrawal():
                return self.data("withdraw", message, words[0], intent.entry)
            case CancelOrder():
                order = () if intent.extra is None else intent.extra.as_tuple()
                return self.data("cancel", message, order, words[0], intent.entry)
            case CancelAll():
                return self.data("cancelAll", message, words[0], intent.entry)
            case other:
                raise TypeError(f"{other.name()} is not signed for the exchange")

    def trading_of(self, account: bytes, asset: int, *, block: BlockTag = "latest") -> tuple[int, int]:
        """What the account has of an asset to trade with, and what of it is locked."""
        trading, locked = self.view("tradingOf", account, asset, block=block)
        return trading, locked

    def cash_of(self, account: bytes, *, block: BlockTag = "latest") -> CashOnChain:
        """What the account has in fen."""
        return CashOnChain(*self.view("cashOf", account, block=block))

    def total_cash(self, *, block: BlockTag = "latest") -> int:
        """What all accounts have in fen."""
        return int(self.view("totalCash", block=block)[0])

    def filled_of(self, order_hash: bytes, *, block: BlockTag = "latest") -> tuple[int, bool]:
        """What of an order was filled, in tonnes, and whether it was cancelled."""
        tonnes, cancelled = self.view("filledOf", order_hash, block=block)
        return tonnes, cancelled

    def epoch_of(self, account: bytes, *, block: BlockTag = "latest") -> int:
        """The account's epoch: orders of earlier ones are over."""
        return int(self.view("epochOf", account, block=block)[0])

    def reference_of(self, asset: int, *, block: BlockTag = "latest") -> tuple[int, int]:
        """The asset's reference price in fen (0: none) and its last trading day (0: none)."""
        price, day = self.view("referenceOf", asset, block=block)
        return price, day

    def is_barred(self, account: bytes, *, block: BlockTag = "latest") -> bool:
        """Whether the account is kept from trading."""
        return bool(self.view("isBarred", account, block=block)[0])

    def bank_account_of(self, account: bytes, *, block: BlockTag = "latest") -> bytes | None:
        """The hash of the bank account that is bound, ``None`` if none is."""
        (found,) = self.view("bankAccountOf", account, block=block)
        return bytes(found) if any(found) else None

    def withdrawal_of(self, op_id: bytes, *, block: BlockTag = "latest") -> tuple[bytes, int, bool]:
        """A withdrawal: whose, how many fen (0: there is none), whether it is on its way out."""
        account, fen, pending = self.view("withdrawalOf", op_id, block=block)
        return bytes(account), fen, pending

    def day_of(self, asset: int, day: int, *, block: BlockTag = "latest") -> DayOnChain:
        """A trading day; ``status`` 0: there is none."""
        return DayOnChain(*self.view("dayOf", asset, day, block=block)[0])

    def release_of(self, account: bytes, asset: int, *, block: BlockTag = "latest") -> tuple[int, int]:
        """What was asked to be released (0: nothing), and from when on it is."""
        amount, at = self.view("releaseOf", account, asset, block=block)
        return amount, at

    def cash_halted(self, *, block: BlockTag = "latest") -> bool:
        """Whether the bank's balance was not the ledger's when they were compared last."""
        return bool(self.view("cashHalted", block=block)[0])

    def hash_order(self, order: Order) -> bytes:
        """The order's hash as the contract computes it."""
        return bytes(self.view("hashOrder", order.as_tuple())[0])


def _registrars(
    intent: OpenDayIntent | HaltDayIntent | CloseDayIntent | ReconcileIntent | SweepIntent | BarIntent,
) -> tuple[str, tuple[object, ...]]:
    """What the registrar says alone: the call, and what stands between operation and entry."""
    call: tuple[str, tuple[object, ...]]
    match intent:
        case OpenDayIntent():
            call = "openDay", (intent.asset, intent.day, intent.cut_off)
        case HaltDayIntent():
            call = "haltDay", (intent.asset, intent.day, intent.halted)
        case CloseDayIntent():
            call = "closeDay", (intent.asset, intent.day, intent.groups, intent.session_root)
        case ReconcileIntent():
            call = "reconcile", (intent.day, intent.bank_fen)
        case SweepIntent():
            call = "sweep", (intent.account, intent.asset, intent.amount)
        case BarIntent():
            call = "bar", (intent.account, intent.barred)
    return call


def trade_words(op_id: bytes, intent: SettleIntent) -> tuple[object, ...]:
    """A fill as the contract's ``Trade``."""
    return (
        op_id,
        intent.day,
        intent.tonnes,
        intent.price_fen,
        intent.buy_filled,
        intent.sell_filled,
        intent.buy_leaf,
        intent.sell_leaf,
        intent.buy.as_tuple(),
        intent.sell.as_tuple(),
        signature_words(intent.buy_signature),
        signature_words(intent.sell_signature),
    )
