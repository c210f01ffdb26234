"""What the chain holds of the market, asked by plain JSON-RPC: events, and what the contracts answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eth_utils.crypto import keccak

from tests.faults.chain_facts import Chain

_CARRIED = keccak(text="CarriedIn(bytes32,uint32,bytes32,uint64,bytes32,address[2],bytes32,uint64)")
_TAKEN = keccak(text="CustodyTaken(bytes32,uint32,bytes32,uint64)")
_GIVEN = keccak(text="CustodyGiven(bytes32,uint32,bytes32,uint64)")
_DEPOSITED = keccak(text="Deposited(bytes32,bytes32,bytes32,uint64,address[2],bytes32,uint64)")
_WITHDRAWN = keccak(text="Withdrawn(bytes32,bytes32,uint64,bytes32,bytes32,uint64)")
_PAID_OUT = keccak(text="PaidOut(bytes32,bytes32,bytes32,uint64,bool,bytes32,address[2],bytes32,uint64)")
_MOVED = keccak(text="Moved(bytes32,uint32,bytes32,uint64,bool,bytes32,uint64)")
_SETTLED = keccak(
    text="Settled(bytes32,bytes32,bytes32,bytes32,bytes32,uint32,uint32,uint64,uint32,uint64,uint64,bool,bytes32,"
    "bytes32)"
)
_DAY_CLOSED = keccak(text="DayClosed(uint32,uint32,bytes32,uint40,uint48,uint32,uint16,bytes32,bytes32,uint64)")
CASH_ASSET = 0x0003_0000


@dataclass(frozen=True)
class Settled:
    """One `Settled` event; hashes and accounts in hex."""

    operation: str
    buy: str
    sell: str
    buyer: str
    seller: str
    asset: int
    day: int
    tonnes: int
    price_fen: int
    buyer_fee_fen: int
    seller_fee_fen: int
    counted: bool


@dataclass(frozen=True)
class DayOver:
    """One `DayClosed` event."""

    asset: int
    day: int
    volume: int
    value_fen: int
    close_fen: int


@dataclass
class Balance:
    """What an account has: `units` by (asset's number, registry or trading), money in fen."""

    units: Counter[tuple[int, str]] = field(default_factory=Counter)
    free: int = 0
    trading: int = 0
    withdrawing: int = 0


@dataclass(frozen=True)
class Supply:
    """Of an asset, by the contract: issued, surrendered, cancelled, and what the exchange's own account holds."""

    issued: int
    surrendered: int
    cancelled: int
    custody: int


@dataclass
class MarketOnChain:
    """Everything of the market by the chain. `told`: balances added up from events alone, by account id; `asked`: the
    same by the contracts; `filled`: tonnes of each order by the contract; `deposited` and `paid` sums in fen."""

    settled: tuple[Settled, ...] = ()
    days: tuple[DayOver, ...] = ()
    told: dict[str, Balance] = field(default_factory=dict)
    asked: dict[str, Balance] = field(default_factory=dict)
    carried: Counter[int] = field(default_factory=Counter)
    supplies: dict[int, Supply] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    total_cash: int = 0
    deposited: int = 0
    paid: int = 0


class MarketChain(Chain):
    """One node, asked about units and the exchange."""

    def __init__(self, url: str, trust: dict[str, Any]) -> None:
        super().__init__(url, trust)
        self._exchange: str = trust["contracts"]["exchange"]
        self._units: str = trust["contracts"]["carbon_ledger"]

    def read_market(
        self, accounts: Iterable[str], assets: Iterable[int], orders: Iterable[str], fee_account: str
    ) -> MarketOnChain:
        """Events of all, and what the contracts say of these accounts (ids), assets (numbers) and orders (hashes)."""
        accounts, assets = list(accounts), list(assets)
        found = MarketOnChain()
        tellers: Mapping[bytes, Callable[[MarketOnChain, list[str], list[bytes]], None]] = {
            _CARRIED: _carried,
            _TAKEN: _taken,
            _GIVEN: _given,
            _DEPOSITED: _deposited,
            _WITHDRAWN: _withdrawn,
            _PAID_OUT: _paid_out,
            _MOVED: _moved,
            _SETTLED: _settled,
            _DAY_CLOSED: _day_closed,
        }
        for address in (self._units, self._exchange):
            for event in self._logs(address, *tellers):
                topics = [topic.removeprefix("0x") for topic in event["topics"]]
                tellers[bytes.fromhex(topics[0])](found, topics[1:], self._words(_bytes(event["data"])))
        fees = sum(trade.buyer_fee_fen + trade.seller_fee_fen for trade in found.settled)
        _of(found, fee_account).free += fees
        for account in accounts:
            found.asked[account] = self._balance(account, assets)
        custodian = bytes.fromhex(self._exchange.removeprefix("0x")).rjust(32, b"\0")
        for asset in assets:
            issued, surrendered, cancelled = self._ask(self._units, "supplyOf(uint32)", asset)
            held, frozen = self._ask(self._units, "balanceOf(bytes32,uint32)", custodian, asset)
            found.supplies[asset] = Supply(issued, surrendered, cancelled, held + frozen)
        (found.total_cash,) = self._ask(self._exchange, "totalCash()")
        for order in orders:
            found.filled[order] = self._ask(self._exchange, "filledOf(bytes32)", bytes.fromhex(order))[0]
        return found

    def _balance(self, account: str, assets: list[int]) -> Balance:
        own = bytes.fromhex(account)
        found = Balance()
        for asset in assets:
            free, frozen = self._ask(self._units, "balanceOf(bytes32,uint32)", own, asset)
            found.units[asset, "registry"] = free + frozen
            found.units[asset, "trading"] = self._ask(self._exchange, "tradingOf(bytes32,uint32)", own, asset)[0]
        found.free, found.trading, found.withdrawing = self._ask(self._exchange, "cashOf(bytes32)", own)
        return found

    def _ask(self, address: str, signature: str, *arguments: bytes | int) -> list[int]:
        words = (one.to_bytes(32, "big") if isinstance(one, int) else one for one in arguments)
        answer = self.call(address, keccak(text=signature)[:4] + b"".join(words))
        return [int.from_bytes(word, "big") for word in self._words(answer)]


def _carried(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    account, asset, tonnes = topics[0], int(topics[1], 16), _number(words[0])
    _of(found, account).units[asset, "registry"] += tonnes
    found.carried[asset] += tonnes


def _taken(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    _of(found, topics[0]).units[int(topics[1], 16), "registry"] -= _number(words[0])


def _given(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    _of(found, topics[0]).units[int(topics[1], 16), "registry"] += _number(words[0])


def _deposited(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    _of(found, topics[0]).free += _number(words[0])
    found.deposited += _number(words[0])


def _withdrawn(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    balance, fen = _of(found, topics[0]), _number(words[0])
    balance.free -= fen
    balance.withdrawing += fen


def _paid_out(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    balance, fen, paid = _of(found, topics[0]), _number(words[0]), bool(_number(words[1]))
    balance.withdrawing -= fen
    balance.free += 0 if paid else fen
    found.paid += fen if paid else 0


def _moved(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    balance, asset = _of(found, topics[0]), int(topics[1], 16)
    amount = _number(words[0]) if _number(words[1]) else -_number(words[0])
    if asset == CASH_ASSET:
        balance.free -= amount
        balance.trading += amount
    else:
        # What it is for the registry is told by the ledger's own events of custody.
        balance.units[asset, "trading"] += amount


def _settled(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    operation, buy, sell = topics
    *numbers, counted = (_number(word) for word in words[2:9])
    trade = Settled(operation, buy, sell, words[0].hex(), words[1].hex(), *numbers, bool(counted))
    found.settled += (trade,)
    value = trade.tonnes * trade.price_fen
    buyer, seller = _of(found, trade.buyer), _of(found, trade.seller)
    buyer.units[trade.asset, "trading"] += trade.tonnes
    seller.units[trade.asset, "trading"] -= trade.tonnes
    buyer.trading -= value + trade.buyer_fee_fen
    seller.trading += value - trade.seller_fee_fen


def _day_closed(found: MarketOnChain, topics: list[str], words: list[bytes]) -> None:
    volume, value, close = (_number(word) for word in words[:3])
    found.days += (DayOver(int(topics[0], 16), int(topics[1], 16), volume, value, close),)


def _of(found: MarketOnChain, account: str) -> Balance:
    return found.told.setdefault(account, Balance())


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")
