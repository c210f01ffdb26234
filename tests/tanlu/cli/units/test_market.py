"""``tanlu market``, ``tanlu cash``, ``tanlu quota move``: what people type from the terms to the close (DOMAIN 12 to
21)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from attestation.bodies import PlaceOrder
from attestation.examination import examine
from attestation.instants import format_instant
from attestation.market_operations import order_hash
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow
from ledger.db.market_models import MarketAuctionRow
from tanlu.admission import file_hash

from ...conftest import ORIGIN, PARK
from ..keys.conftest import LI
from .conftest import GLASS, STEEL, Register
from .test_chinese import refused

VINTAGE, DAY = 2025, 2026_01_05
QUOTA = f"quota-{VINTAGE}"
HOUR = 3_600


@dataclass
class Trading:
    """A park whose market is open: STEEL holds units to sell, GLASS cash to buy with."""

    register: Register

    def open(self, *terms: object) -> None:
        self.set_terms(*terms)
        self.register.decide("market", "reference", QUOTA, "--price", "60.00")
        self.open_day(DAY)

    def set_terms(self, *terms: object) -> None:
        register = self.register
        document = register.folder / "rules.pdf"
        document.write_bytes(b"rules of the market")
        words = ("market", "terms", "--any-hours", "--minimum-groups", 2, *terms, "--document", document)
        self.decide(*words)

    def decide(self, *words: object) -> dict[str, Any]:
        """A whole act of two persons that rests on no document of its own."""
        self.register.documents += 1
        proposed = self.register.answer(*words, "-o", self.register.file())
        return self.register.submit(group=str(words[0])) | {"op_id": proposed["op_id"]}

    def open_day(self, day: int) -> dict[str, Any]:
        now = int(time.time())
        window = f"{format_instant(now - HOUR)}/{format_instant(now + 2 * HOUR)}"
        return self.register.act("market", "open", QUOTA, day, "--window", window)

    def endow(self, tonnes: int = 1_000, yuan: str = "70000.00") -> None:
        register = self.register
        register.decide("quota", "carry-in", STEEL, "--asset", QUOTA, "--tonnes", tonnes)
        register.hold("quota", "move", "--asset", QUOTA, "--tonnes", tonnes, "--in")
        self.decide("cash", "deposit", GLASS, "--amount", yuan, "--bank-reference", "B-1")
        register.hold("cash", "move", "--amount", yuan, "--in", owner=GLASS)

    def sell(self, tonnes: int, price: str, *more: object, code: int = 0) -> dict[str, Any]:
        return self.register.hold("market", "sell", QUOTA, "--tonnes", tonnes, "--price", price, *more, code=code)

    def buy(self, tonnes: int, price: str, *more: object, code: int = 0) -> dict[str, Any]:
        words = ("market", "buy", QUOTA, "--tonnes", tonnes, "--price", price, *more)
        return self.register.hold(*words, owner=GLASS, code=code)

    def accept(self, order: str, *more: object, owner: str = GLASS, code: int = 0) -> dict[str, Any]:
        return self.register.hold("market", "accept", QUOTA, order, *more, owner=owner, code=code)


@pytest.fixture
def floor(register: Register) -> Trading:
    made = Trading(register)
    made.open()
    made.endow()
    return made


def test_a_day_from_the_offer_to_the_close(floor: Trading, run) -> None:
    """STORY 6: a bid at 66.01 is refused; 700 t at 62.50 are accepted by name (DOMAIN 12, 13, 15)."""
    register = floor.register
    high = floor.buy(1, "66.01", code=1)
    assert (high["rule"], high["value"]) == ("market.band", "CNY 66.01 (6601 fen)")
    offer = floor.sell(700, "62.50")
    assert (offer["status"], offer["remaining"], offer["fills"]) == ("open", 700, [])
    book = register.answer("market", "book", QUOTA)
    assert [(one["order"], one["account"]) for one in book["offers"]] == [(offer["order"], STEEL)]
    taken = floor.accept(offer["order"])
    (fill,) = taken["fills"]
    assert (taken["status"], fill["tonnes"], fill["price_fen"], fill["seller"]) == ("filled", 700, 6_250, STEEL)
    assert register.answer("market", "book", QUOTA)["offers"] == []
    session = register.office.client.market.session(QUOTA, DAY)
    early = register.act("market", "close", QUOTA, DAY, code=1)
    assert (early["rule"], "--early" in early["expected"]) == ("day.early", True)
    closed = register.act("market", "close", QUOTA, DAY, "--early")
    assert (closed["close_fen"], closed["volume"], closed["root"]) == (6_250, 700, session.root)
    shown = register.answer("market", "show")
    assert shown["assets"][0]["reference_fen"] == 6_250
    assert [one["value_fen"] for one in register.answer("market", "trades", QUOTA)["trades"]] == [4_375_000]
    assert register.answer("market", "candles", QUOTA)["candles"][0]["last_fen"] == 6_250
    own = register.answer("market", "orders", "--of", STEEL)["orders"]
    assert [(one["order"], one["status"]) for one in own] == [(offer["order"], "filled")]
    assert len(register.answer("market", "fills", "--of", GLASS)["fills"]) == 1
    chinese = run("market", "show", "--lang", "zh").stdout
    for part in ("模式：协议", "2025 年配额", "已收市", "+08:00", "54.00-66.00", "下一交易日参考价"):
        assert part in chinese, part
    # The closed day's band stands beside its own reference, the close is the next one's.
    assert chinese.splitlines()[-1].split()[4:7] == ["60.00", "54.00-66.00", "42.00-78.00"]
    for words in (("trades", QUOTA), ("orders", "--of", STEEL), ("fills", "--of", GLASS), ("auctions",)):
        text = run("market", *words, "--lang", "zh").stdout
        assert not [word for word in ("settled", "matched", "open", "filled", "sell", "listed") if word in text]


def test_what_would_be_refused_is_not_signed(floor: Trading) -> None:
    """DOMAIN 12, 13, 16: said by the log's own rules before the order takes a place."""
    register = floor.register
    offer = floor.sell(600, "60.00")
    size = register.office.size()
    for said, rule in (
        (floor.sell(401, "60.00", code=1), "order.units"),
        (floor.buy(2_000, "60.00", code=1), "order.cash"),
        (floor.buy(1, "53.99", code=1), "market.band"),
        (floor.buy(1, "60.00", "--kind", "block", "--with", STEEL, code=1), "market.block"),
        (floor.buy(1, "60.00", "--kind", "bilateral", code=1), "order.counterparty"),
        (floor.buy(1, "60.00", "--with", GLASS, code=1), "order.self"),
        (floor.buy(1, "60.00", "--deadline", "2020-01-01T00:00:00Z", code=1), "order.expired"),
        (floor.buy(1, "60.001", code=1), "price.format"),
        (floor.accept("ab" * 32, code=1), "order.accepts"),
        (floor.accept(offer["order"], "--tonnes", 601, code=1), "order.accepts"),
        (floor.accept(offer["order"], owner=STEEL, code=1), "order.self"),
        (register.hold("market", "cancel", offer["order"], owner=GLASS, code=1), "order.account"),
        (register.hold("quota", "move", "--asset", QUOTA, "--tonnes", 401, "--out", code=1), "order.units"),
        (register.hold("quota", "move", "--asset", "ccer", "--tonnes", 1, "--in", code=1), "market.tradable"),
        (register.hold("cash", "move", "--amount", "70000.01", "--out", owner=GLASS, code=1), "order.cash"),
        (register.hold("cash", "withdraw", "--amount", "1.00", owner=GLASS, code=1), "cash.account"),
        (register.act("market", "open", QUOTA, DAY, "--window", "9:30-11:30", code=1), "window.format"),
        (register.propose("market", "resume", QUOTA, DAY, code=1), "day.running"),
        (register.act("market", "clear", "00" * 31 + "01", code=1), "auction.unknown"),
    ):
        assert said["rule"] == rule
        assert said["message_zh"]
    assert register.office.size() == size


def test_orders_are_cancelled_one_by_one_and_all_at_once(floor: Trading) -> None:
    register = floor.register
    first, second, third = (floor.sell(tonnes, "60.00") for tonnes in (10, 20, 30))
    cancelled = register.hold("market", "cancel", first["order"])
    assert cancelled["operations"] == [cancelled["op_id"]]
    assert register.hold("market", "cancel", first["order"], code=1)["rule"] == "order.ended"
    assert register.hold("market", "cancel-all")["epoch"] == 1
    states = {one["order"]: one["status"] for one in register.answer("market", "orders", "--of", STEEL)["orders"]}
    assert states == {one["order"]: "cancelled" for one in (first, second, third)}
    assert floor.sell(1_000, "60.00")["status"] == "open", "of the new epoch, with all units free"


def test_a_block_is_for_its_counterparty_alone(floor: Trading) -> None:
    """DOMAIN 13: at or above the threshold, with a named counterparty."""
    register = floor.register
    block = floor.sell(1_000, "65.00", "--kind", "block", "--with", GLASS)
    assert [one["order"] for one in register.answer("market", "book", QUOTA)["offers"]] == [block["order"]]
    assert floor.accept(block["order"])["fills"][0]["counted"] is False


def test_a_halted_day_takes_nothing_until_it_is_resumed(floor: Trading) -> None:
    register = floor.register
    halted = register.decide("market", "halt", QUOTA, DAY)
    assert register.answer("market", "show")["assets"][0]["day"]["status"] == "halted"
    assert floor.sell(1, "60.00", code=1)["rule"] == "market.halted"
    (notice,) = [one for one in register.answer("account", "notices", GLASS)["notices"] if one["power"] == "halt"]
    assert (notice["op_id"], len(notice["approvers"])) == (halted["op_id"], 2)
    register.decide("market", "resume", QUOTA, DAY)
    assert floor.sell(1, "60.00")["status"] == "open"


def test_a_sealed_bid_is_opened_with_its_file_alone(floor: Trading) -> None:
    """DOMAIN 14: only a hash leaves the machine before."""
    register = floor.register
    lot = register.hold("market", "lot", QUOTA, "--tonnes", 500, "--price", "60.00")
    notice = register.folder / "notice.pdf"
    notice.write_bytes(b"500 t from 60.00")
    now = int(time.time())
    windows = ("--commit-until", format_instant(now + 600), "--reveal-until", format_instant(now + 1_000))
    said = register.act("market", "auction", lot["order"], STEEL, "--day", DAY, *windows, "--document", notice)
    assert (said["lot_tonnes"], said["floor_fen"]) == (500, 6_000)
    file = register.folder / "bid.json"
    bid = ("market", "bid", said["auction"], "--tonnes", 200, "--price", "60.50", "-o", file)
    sealed = register.hold(*bid, owner=GLASS)
    for price, tonnes, more, rule in (
        ("59.99", 200, (), "auction.floor"),
        ("60.50", 501, (), "auction.lot"),
        ("60.50", 200, ("--maximum", "12099.99"), "auction.maximum"),
    ):
        other = ("market", "bid", said["auction"], "--tonnes", tonnes, "--price", price, *more)
        unsealed = register.folder / "unsealed.json"
        refusal = register.hold(*other, "-o", unsealed, owner=GLASS, code=1)
        assert (refusal["rule"], unsealed.exists()) == (rule, False), "said before anything is signed"
    assert (sealed["maximum_fen"], file.stat().st_mode & 0o077) == (1_210_000, 0)
    entry = register.office.client.entry(sealed["index"]).entry
    body = examine(entry.encode(), ORIGIN).body
    assert not isinstance(body, PlaceOrder)
    kept = json.loads(file.read_text())["body"]
    again = register.hold(*bid, owner=GLASS, code=1)
    assert again["rule"] == "file.exists"
    assert register.hold("market", "reveal", file, code=1)["rule"] == "sealed.bid", "of another account"
    assert register.act("market", "clear", said["auction"], code=1)["rule"] == "auction.open"
    assert register.hold("market", "reveal", file, owner=GLASS, code=1)["rule"] == "auction.reveal"
    with register.office.database.write() as session:
        # As if the time to commit were over.
        session.execute(update(MarketAuctionRow).values(commit_until=now - 1))
    opened = register.hold("market", "reveal", file, owner=GLASS)
    assert opened["order"] == sealed["commitment"]
    domain = register.office.world.trust.exchange_domain
    assert domain is not None
    members = {name: value for name, value in kept.items() if name != "action"}
    assert order_hash(PlaceOrder(**members), GLASS, domain).hex() == sealed["commitment"]
    (listed,) = register.answer("market", "auctions")["auctions"]
    assert (listed["commitments"], listed["revealed"]) == (1, 1)


def test_the_park_sells_a_lot_of_its_reserve_with_a_key_that_it_makes_for_units(register: Register) -> None:
    """DOMAIN 8, 14, and as docs/market.md has it: issued by two persons, moved into trading, offered, announced."""
    floor = Trading(register)
    floor.open()
    key = register.folder / "park.asset.key"
    made = ("keys", "add", "--key", register.registrar, "--algorithm", "ES256K", "--purpose", "asset", "--out", key)
    register.answer(*made)
    register.decide("quota", "issue", VINTAGE, "--tonnes", 500)
    register.answer("quota", "move", "--asset", QUOTA, "--tonnes", 500, "--in", "--key", key)
    lot = register.answer("market", "lot", QUOTA, "--tonnes", 500, "--price", "60.50", "--key", key)
    now, notice = int(time.time()), register.folder / "notice.txt"
    notice.write_bytes(b"announcement of the auction")
    windows = ("--commit-until", format_instant(now + 600), "--reveal-until", format_instant(now + 1_000))
    words = ("market", "auction", lot["order"], PARK, "--day", DAY, *windows, "--document", notice)
    assert register.act(*words)["lot_tonnes"] == 500


def test_what_was_not_opened_is_shown_with_who_forfeits_how_much_and_why(floor: Trading, run) -> None:
    """DOMAIN 14: recorded, not taken."""
    register = floor.register
    lot = register.hold("market", "lot", QUOTA, "--tonnes", 500, "--price", "60.00")
    notice = register.folder / "notice.pdf"
    notice.write_bytes(b"500 t from 60.00")
    now = int(time.time())
    windows = ("--commit-until", format_instant(now + 600), "--reveal-until", format_instant(now + 1_000))
    words = ("market", "auction", lot["order"], STEEL, "--day", DAY, *windows, "--document", notice)
    said = register.act(*words, "--forfeit-bps", 500)
    bid = ("market", "bid", said["auction"], "--tonnes", 200, "--price", "60.50", "-o", register.folder / "bid.json")
    register.hold(*bid, owner=GLASS)
    assert "no result yet" in run("market", "auctions", said["auction"]).stdout
    with register.office.database.write() as session:
        # As if the time to reveal were over.
        session.execute(update(MarketAuctionRow).values(commit_until=now - 2, reveal_until=now - 1))
    register.act("market", "clear", said["auction"])
    (lapsed,) = register.answer("market", "auctions", said["auction"])["lapsed"]
    assert (lapsed["account"], lapsed["maximum_fen"], lapsed["forfeit_fen"]) == (GLASS, 1_210_000, 60_500)
    for lang, parts in (
        ("en", (GLASS, "12100.00", "605.00", "Recorded, not taken", "5.00 %")),
        ("zh", (GLASS, "605.00", "仅作记录", "之前揭示")),
    ):
        shown = run("market", "auctions", said["auction"], "--lang", lang).stdout
        assert [part for part in parts if part not in shown] == []
    assert "no whole hash" in run("market", "auctions", said["auction"][:12]).stderr


def test_cash_comes_by_two_persons_and_leaves_to_the_bound_account(floor: Trading, run) -> None:
    """DOMAIN 21: deposit and payout by two persons, each reference of the bank's once."""
    register = floor.register
    bank = register.folder / "bank.txt"
    bank.write_text("ICBC 6222 · GLASS Co", encoding="utf-8")
    contract = register.folder / "contract.pdf"
    contract.write_bytes(b"custody contract")
    floor.decide("cash", "bind", GLASS, "--bank-account", bank, "--document", contract)
    register.documents += 1
    words = ("cash", "deposit", GLASS, "--amount", "1.00", "--bank-reference", "B-1", "-o", register.file())
    assert register.answer(*words, code=1)["rule"] == "cash.reference"
    register.hold("cash", "move", "--amount", "500.00", "--out", owner=GLASS)
    other = register.folder / "other.txt"
    other.write_text("another bank", encoding="utf-8")
    wanted = ("cash", "withdraw", "--amount", "500.00")
    assert register.hold(*wanted, "--bank-account", other, owner=GLASS, code=1)["rule"] == "cash.account"
    asked = register.hold(*wanted, "--bank-account", bank, owner=GLASS)
    assert asked["fen"] == 50_000
    assert register.hold(*wanted, owner=GLASS, code=1)["rule"] == "order.on_its_way"
    register.documents += 1
    paid = ("cash", "payout", asked["op_id"], "--failed", "--bank-reference", "B-2")
    early = register.answer(*paid, "-o", register.file(), code=1)
    assert (early["rule"], early["expected"]) == ("withdrawal.unlocked", "a withdrawal that is on chain")
    with register.office.database.write() as session:
        # As if the exchange had locked the money.
        mined = {"state": State.MINED.value, "block_number": 1, "block_hash": bytes(32)}
        session.execute(update(OutboxRow).where(OutboxRow.kind == Kind.WITHDRAW.value).values(**mined))
    floor.decide(*paid)
    # Both persons read whom the bank pays, though the payout names the operation alone.
    out = register.folder / "read.json"
    read = run("cash", "approve", register.file(), "--key", register.office.files[LI], "-o", out, "--lang", "zh").stderr
    for part in (f"收款方：{GLASS}", "金额：500.00 元", file_hash(bank)):
        assert part in read
    # No chain stands behind this office: the ledger's cash is what was read of it, nothing.
    compared = ("cash", "reconcile", DAY, "--bank-balance", "70000.00", "--key", register.registrar, "--json")
    told = run(*compared)
    assert told.exit_code == 5, "not refused: the bank's word is in the log"
    day = json.loads(told.stdout)
    assert (day["bank_fen"], day["ledger_fen"], day["agrees"]) == (7_000_000, 0, False)
    words = ("cash", "reconcile", DAY + 1, "--bank-balance", "0.01", "--key", register.registrar)
    said = run(*words, "--lang", "zh")
    assert said.exit_code == 5
    assert "银行余额 0.01 元，账本资金合计 0.00 元，相差 0.01 元" in said.stdout
    assert "直至对账相符" in said.stderr
    agreed = register.act("cash", "reconcile", DAY + 1, "--bank-balance", "0.00")
    assert (agreed["ledger_fen"], agreed["agrees"]) == (0, True)
    assert register.answer("cash", "total")["total_fen"] == 0
    assert "账本资金合计 0.00 元" in run("cash", "total", "--lang", "zh").stdout
    shown = register.answer("cash", "show", GLASS)
    assert shown["bank_account"] is not None
    assert register.answer("cash", "show", PARK, "--total")["halted"] is False
    text = run("cash", "show", GLASS, "--lang", "zh").stdout
    assert "银行账户：" in text


def test_what_would_have_passed_is_said_in_chinese(floor: Trading, run) -> None:
    register = floor.register
    steel, glass = (register.office.files[owner] for owner in (STEEL, GLASS))
    buy, sell = ("market", "buy", QUOTA, "--tonnes", 1), ("market", "sell", QUOTA, "--tonnes", 1_001)

    def said(*words: object, rule: str, key: object = glass) -> str:
        return refused(run(*words, "--key", key, "--lang", "zh"), rule)

    assert "66.00 元" in said(*buy, "--price", "66.01", rule="market.band")
    assert "至多 1000 吨" in said(*sell, "--price", "60.00", rule="order.units", key=steel)
    said("market", "accept", QUOTA, "ab" * 32, rule="order.accepts")
    said("cash", "withdraw", "--amount", "1.00", rule="cash.account")
    said("market", "open", QUOTA, DAY, "--window", "today", rule="window.format", key=register.registrar)
    register.hold("cash", "move", "--amount", "1.00", "--out", owner=GLASS)
    assert "--again" in said("cash", "move", "--amount", "1.00", "--out", rule="order.on_its_way")
    document = register.folder / "rules.pdf"
    words = ("market", "terms", "--listed-hours", "9-11", "--document", document, "-o", register.folder / "t.json")
    refused(run(*words, "--lang", "zh"), "hours.format")
    account = register.answer("market", "account", STEEL)
    assert (account["epoch"], account["holdings"][0]["sellable"]) == (0, 1_000)
    assert "可卖" in run("market", "account", STEEL, "--lang", "zh").stdout


def test_two_persons_read_terms_of_the_market_before_they_sign(register: Register, run) -> None:
    """DOMAIN 23: every member that is signed is said."""
    floor = Trading(register)
    floor.set_terms("--lock-days", 3, "--fee-bps", 7)
    shown = run("market", "approve", register.file(), "--key", register.registrar, "-o", register.folder / "x.json")
    assert "terms of the market" in shown.stderr
    assert "bought units locked for, trading days: 3" in shown.stderr
    assert "fee of each side: 0.07 %" in shown.stderr
    terms = register.answer("market", "show")["terms"]
    assert (terms["lock_days"], terms["fee_bps"], terms["fee_account"]) == (3, 7, PARK)
