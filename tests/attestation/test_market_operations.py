"""The exchange's message of each body: derived by one table, so that nobody signs another act than the logged one."""

from __future__ import annotations

from eth_utils.crypto import keccak

from attestation import market_messages as messages
from attestation.assets import CASH, quota_of
from attestation.identifiers import account_id
from attestation.instants import parse_instant
from attestation.market_operations import cash_message, holder_message, market_message, order_hash, order_message
from attestation.market_words import Mode, OrderKind, Side

DOCUMENT = bytes([0xAB] * 32)


def _op(number: int) -> bytes:
    return number.to_bytes(32)


def test_an_order_is_its_members_and_its_hash_is_the_digest(market, marketwork) -> None:
    """DOMAIN 12 to 20: account ids, asset numbers and Unix seconds, in the order of the contract's struct."""
    body = market.buy(700, 6_250, kind="block", counterparty=market.tiles, minimum_fill=5, fee_limit_bps=3, epoch=2)
    message = order_message(body, market.steel)
    steel, tiles = account_id(market.steel), account_id(market.tiles)
    deadline = parse_instant(body.deadline)
    assert message == messages.Order(
        steel, quota_of(2023), 1, 700, 6_250, 2, tiles, 5, 3, deadline, 2, bytes.fromhex(body.salt)
    )
    assert order_hash(body, market.steel, marketwork.EXCHANGE) == message.digest(marketwork.EXCHANGE)
    assert order_message(market.sell(), market.steel).counterparty == bytes(32)


def test_each_action_of_a_holder_has_its_message(market, marketwork) -> None:
    steel, bank = account_id(market.steel), bytes.fromhex(marketwork.BANK)
    until = market.log.now + marketwork.DAY
    made = {
        market.cancel(b"\xcd" * 32): messages.CancelOrder(_op(1), steel, b"\xcd" * 32, until),
        market.cancel_all(9): messages.CancelAll(_op(2), steel, 9, until),
        market.move(7): messages.TradingMove(_op(3), steel, quota_of(2023), 7, True, until),
        market.move(7, "cash", inward=False): messages.TradingMove(_op(4), steel, CASH, 7, False, until),
        market.withdraw(7): messages.Withdrawal(_op(5), steel, 7, bank, until),
    }
    for body, message in made.items():
        assert holder_message(body, market.steel) == message


def test_each_action_of_two_persons_has_its_message(market, marketwork) -> None:
    """DOMAIN 21, 23: of the bank's reference the contract sees the Keccak-256."""
    park, steel = account_id(market.memory.PARK), account_id(market.steel)
    terms = market.terms(mode="licensed", fee_bps=2, minimum_volume=3, minimum_groups=4)
    assert market_message(terms) == messages.MarketTerms(
        _op(1), 2, 1_000, 3_000, 1_000, 5, 2, park, 3, 4, 200, marketwork.DAY, DOCUMENT
    )
    assert market_message(market.price()) == messages.MarketReference(_op(2), quota_of(2023), 6_000, DOCUMENT)
    bank = bytes.fromhex(marketwork.BANK)
    assert cash_message(market.bind()) == messages.BankBinding(_op(3), steel, bank, DOCUMENT)
    assert cash_message(market.deposit(5)) == messages.Deposit(_op(4), steel, 5, keccak(b"ICBC-1"))
    paid = market.payout("cd" * 32, paid=False)
    assert cash_message(paid) == messages.Payout(_op(5), b"\xcd" * 32, False, keccak(b"ICBC-2"))


def test_words_are_the_contract_s_numbers() -> None:
    assert [Side.of(text) for text in ("buy", "sell")] == [1, 2]
    assert [OrderKind.of(text) for text in ("listed", "block", "bilateral", "auction")] == [1, 2, 3, 4]
    assert [Mode.of(text) for text in ("agreement", "licensed")] == [1, 2]
    assert OrderKind.texts() == tuple(OrderKind(number).text for number in (1, 2, 3, 4))
