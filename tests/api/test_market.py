"""The market over HTTP: a real log matches, and what it says is for whose it is (DOMAIN 12 to 21)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.access import Access
from api.app import create_app
from api.deps import Limits, Service
from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.sign_in import build_sign_in
from ledger.db.exchange_models import ChainReconciliationRow
from ledger.view import LogView
from tests.api.conftest import BASE_URL
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import DAY_ONE, MarketDesk
from tests.ledger.mirrored import marketwork, memory

QUOTA, PARK = marketwork.QUOTA, memory.PARK
FOOD, BUREAU = marketwork.FOOD, "88.608.9/bureau"
HOUR = marketwork.HOUR


class Floor(MarketDesk):
    """The desk's market behind the application; everybody signs in with the key that trades."""

    def serve(self) -> None:
        for identifier, kind in ((BUREAU, Kind.VERIFIER), ("88.608.8/env", Kind.REGULATOR)):
            self.park.enrol(identifier, kind, Purpose.STATEMENT)
        key = PrivateKey.generate(Algorithm.ED25519)
        self.access = Access(
            self.database, self.parameters, key, audience=BASE_URL, clock=lambda: float(self.memory.now)
        )
        view = LogView(self.database, self.parameters, key)
        self.service = Service(
            self.parameters.origin,
            self.log,
            view,
            b"{}",
            dict,
            lambda error: pytest.fail(str(error)),
            self.access,
            Limits(),
        )
        self.app = create_app(self.service)

    def hand(self, account: str, tonnes: int) -> None:
        """So much in trading by the chain."""
        self.block += 1
        with self.database.write() as session:
            session.add(self._units(0, account_id(account), tonnes, "Moved"))

    def get(self, path: str, who: str | None = None, **query: object) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
                return await http.get(path, params=query, headers=self._bearer(who))  # type: ignore[arg-type]  # numbers

        return asyncio.run(ask())

    def found(self, path: str, who: str, **query: object) -> dict[str, Any]:
        answer = self.get(path, who, **query)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def _bearer(self, who: str | None) -> dict[str, str]:
        if who is None:
            return {}
        made, now = self.access.proving.challenge(), self.memory.now
        signed = build_sign_in(
            who,
            self.park.keys[who],
            log=made.log,
            audience=made.audience,
            nonce=made.nonce,
            iat=now,
            exp=now + 60,
        )
        return {"authorization": f"Bearer {self.access.sessions.open(self.access.proving.prove(signed)).token}"}


def opened(folder: Path) -> Iterator[Floor]:
    database = migrated_sqlite(folder / "log.sqlite3")
    made = Floor(database)
    made.work.opened(6_000)
    made.endow()
    made.serve()
    yield made
    made.access.close()
    database.close()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    yield from opened(tmp_path)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """A floor on which nothing happens."""
    yield from opened(tmp_path_factory.mktemp("floor"))


def test_terms_prices_and_days_are_for_who_may_trade(floor: Floor) -> None:
    """DOMAIN 8, 12, 13, 15."""
    said = floor.found("/v1/market", floor.steel)
    assert (said["terms"]["mode"], said["terms"]["lock_days"], said["terms"]["fee_account"]) == ("agreement", 5, PARK)
    (quota,) = said["assets"]
    day = quota["day"]
    assert (quota["asset"], quota["reference_fen"], day["day"], day["status"]) == (QUOTA, 6_000, DAY_ONE, "open")
    # STORY 6: opening reference 60.00, band 54.00 to 66.00; blocks 42.00 to 78.00.
    assert (day["low_fen"], day["high_fen"], day["block_low_fen"], day["block_high_fen"]) == (
        5_400,
        6_600,
        4_200,
        7_800,
    )
    assert day["windows"] == [{"from": floor.memory.now, "until": floor.memory.now + 2 * HOUR}]
    assert floor.found(f"/v1/market/{QUOTA}/days", PARK)["days"] == [day]
    for path in ("/v1/market", f"/v1/market/{QUOTA}/book", f"/v1/market/{QUOTA}/trades", "/v1/market/auctions"):
        assert floor.get(path).status_code == 401
        refused = floor.get(path, BUREAU)
        assert (refused.status_code, refused.json()["rule"]) == (403, "access.role"), path
        assert floor.get(path, "88.608.8/env").status_code == 200


def test_the_book_shows_an_offer_to_whom_it_is_open(floor: Floor) -> None:
    """DOMAIN 12, 13: an acceptance needs the maker; a block names its counterparty."""
    work = floor.work
    listed = floor.say(work.sell(700, 6_250), floor.steel)
    floor.say(work.sell(10, 6_250), floor.tiles)
    block = floor.say(work.sell(1_000, 6_900, kind="block", counterparty=FOOD), floor.steel)
    seen = {who: floor.found(f"/v1/market/{QUOTA}/book", who) for who in (floor.steel, floor.tiles, FOOD, PARK)}
    for who, book in seen.items():
        assert book["levels"] == [{"side": "sell", "price_fen": 6_250, "tonnes": 710, "orders": 2}]
        offers = [offer["order"] for offer in book["offers"]]
        assert (block.hex() in offers) is (who != floor.tiles), who
        assert listed.hex() in offers
    assert len({book["hash"] for book in seen.values()}) == 1, "one book, whatever is shown of it"
    offer = next(one for one in seen[FOOD]["offers"] if one["order"] == block.hex())
    assert (offer["account"], offer["counterparty"], offer["kind"]) == (floor.steel, FOOD, "block")


def test_a_trade_names_its_parties_to_them_and_to_the_overseers(floor: Floor) -> None:
    offer, acceptance = floor.trade(floor.steel, FOOD, 700, 6_250)
    for who, parties in ((floor.steel, True), (FOOD, True), (PARK, True), (floor.tiles, False)):
        (trade,) = floor.found(f"/v1/market/{QUOTA}/trades", who)["trades"]
        assert (trade["number"], trade["tonnes"], trade["value_fen"], trade["counted"]) == (0, 700, 4_375_000, True)
        named = tuple(trade[name] for name in ("seller", "buyer", "sell", "buy"))
        assert named == ((floor.steel, FOOD, offer.hex(), acceptance.hex()) if parties else (None,) * 4), who
        assert (trade["op_id"] is not None) is parties
    (own,) = floor.found("/v1/market/fills", FOOD)["trades"]
    assert own == floor.found("/v1/market/fills", PARK, account=FOOD)["trades"][0]
    assert own["state"] == "matched"
    for who, status in ((floor.steel, 200), (FOOD, 200), (PARK, 200), (floor.tiles, 403)):
        assert floor.get(f"/v1/operations/{own['op_id']}", who).status_code == status, who
    floor.mine()
    assert floor.found("/v1/market/fills", FOOD)["trades"][0]["state"] == "settled"
    refused = floor.get("/v1/market/fills", floor.tiles, account=FOOD)
    assert (refused.status_code, refused.json()["rule"]) == (403, "access.not_yours")


def test_an_undone_fill_says_why_and_is_part_of_no_candle(floor: Floor) -> None:
    floor.trade(floor.steel, FOOD, 700, 6_250)
    floor.trade(floor.tiles, FOOD, 475, 6_200)
    first, _ = floor.found(f"/v1/market/{QUOTA}/trades", PARK)["trades"]
    floor.mine(refuse=(bytes.fromhex(first["op_id"]),))
    undone, stands = floor.found(f"/v1/market/{QUOTA}/trades", PARK)["trades"]
    assert (undone["state"], stands["state"], stands["reason"]) == ("undone", "settled", None)
    assert "NotSellable" in undone["reason"]
    (candle,) = floor.found(f"/v1/market/{QUOTA}/candles", floor.steel)["candles"]
    assert (candle["volume"], candle["value_fen"], candle["trades"]) == (475, 2_945_000, 1)


def test_the_session_of_a_day_is_what_its_close_says(floor: Floor) -> None:
    """STORY 6: 73,200.00 / 1,175 t = 62.30, half-up to the fen (DOMAIN 15)."""
    floor.trade(floor.steel, FOOD, 700, 6_250)
    floor.trade(floor.tiles, FOOD, 475, 6_200)
    path = f"/v1/market/{QUOTA}/sessions/{DAY_ONE}"
    before = floor.found(path, floor.steel)
    assert (before["volume"], before["value_fen"], before["close_fen"], before["fills"]) == (1_175, 7_320_000, 6_230, 2)
    assert (before["stands"], before["closed_index"]) == (False, None)
    floor.close()
    after = floor.found(path, floor.steel)
    assert after["closed_index"] is not None
    assert {**after, "closed_index": None} == before
    (quota,) = floor.found("/v1/market", floor.steel)["assets"]
    assert (quota["reference_fen"], quota["day"]["status"], quota["day"]["close_fen"]) == (6_230, "closed", 6_230)
    assert quota["day"]["root"] == after["root"]
    absent = floor.get(f"/v1/market/{QUOTA}/sessions/20240101", floor.steel)
    assert (absent.status_code, absent.json()["rule"]) == (404, "day.unknown")


def test_orders_are_their_makers_and_say_what_became_of_them(floor: Floor) -> None:
    work = floor.work
    kept = floor.say(work.sell(30, 6_300), floor.steel)
    gone = floor.say(work.sell(20, 6_200), floor.steel)
    floor.say(work.cancel(gone), floor.steel)
    said = floor.found("/v1/market/orders", floor.steel)["orders"]
    assert [(one["order"], one["status"]) for one in said] == [(gone.hex(), "cancelled"), (kept.hex(), "open")]
    page = floor.found("/v1/market/orders", floor.steel, limit=1)
    assert [one["order"] for one in page["orders"]] == [gone.hex()]
    rest = floor.found("/v1/market/orders", floor.steel, limit=1, before=page["next"])
    assert ([one["order"] for one in rest["orders"]], rest["next"]) == ([kept.hex()], None)
    open_ = floor.found("/v1/market/orders", floor.steel, open="true")["orders"]
    assert [one["order"] for one in open_] == [kept.hex()]
    path = f"/v1/market/orders/{kept.hex()}"
    assert floor.found(path, PARK) == floor.found(path, floor.steel) == open_[0]
    assert floor.get(path, FOOD).status_code == 403
    # The same whether there is one: an answer must not tell what others do.
    assert floor.get(f"/v1/market/orders/{'ab' * 32}", FOOD).status_code == 403
    assert floor.get(f"/v1/market/orders/{'ab' * 32}", PARK).json()["rule"] == "order.unknown"


def test_what_stands_behind_orders_is_said_of_units_and_of_cash(floor: Floor) -> None:
    """DOMAIN 16: sellable = trading - locked - in orders."""
    floor.say(floor.work.sell(300), floor.steel)
    floor.say(floor.work.buy(100, 6_100), floor.steel)
    trader = floor.found(f"/v1/market/accounts/{floor.steel}", floor.steel)
    (held,) = trader["holdings"]
    assert (held["trading"], held["in_orders"], held["locked"], held["sellable"]) == (5_000, 300, 0, 4_700)
    cash = floor.found(f"/v1/cash/{floor.steel}", floor.steel)
    assert (cash["trading_fen"], cash["in_orders_fen"], cash["usable_fen"]) == (100_000_000, 610_000, 99_390_000)
    assert trader["epoch"] == 0
    floor.say(floor.work.cancel_all(), floor.steel)
    freed = floor.found(f"/v1/market/accounts/{floor.steel}", floor.steel)
    assert (freed["epoch"], freed["holdings"][0]["sellable"]) == (1, 5_000)
    assert floor.found(f"/v1/cash/{floor.steel}", floor.steel)["usable_fen"] == 100_000_000
    for path in (f"/v1/market/accounts/{floor.steel}", f"/v1/cash/{floor.steel}"):
        assert floor.get(path, FOOD).status_code == 403
        assert floor.get(path, PARK).status_code == 200


def test_what_the_bank_brought_is_read_by_whose_money_it_is(floor: Floor) -> None:
    """DOMAIN 21: the entry, its receipt, and what became of it on chain."""
    work = floor.work
    deposit = work.approved(work.deposit(50_000))
    work.administer(deposit, "cash")
    path = f"/v1/entries/{floor.memory.entries[-1].index}"
    for who, status in ((floor.steel, 200), (PARK, 200), (FOOD, 403), (BUREAU, 403)):
        assert floor.get(path, who).status_code == status, who
        assert floor.get(f"/v1/operations/{deposit.op_id}", who).status_code == status, who
    assert floor.found(f"/v1/operations/{deposit.op_id}", floor.steel)["kind"] == "deposit"
    before = floor.found(f"/v1/cash/{floor.steel}", floor.steel)
    floor.mine()
    after = floor.found(f"/v1/cash/{floor.steel}", floor.steel)
    assert after["free_fen"] - before["free_fen"] == 50_000


def test_what_was_bought_is_locked_in_the_statement_of_account(floor: Floor) -> None:
    """DOMAIN 16, 17: for the lock's trading days; cash is said by what it waits for (21)."""
    floor.trade(floor.steel, FOOD, 700, 6_250)
    floor.mine()
    said = floor.found(f"/v1/accounts/{FOOD}", FOOD)
    (held,) = said["holdings"]
    assert (held["trading"], held["locked"]) == (5_700, 700)
    assert said["cash"] == {"free_fen": 0, "trading_fen": 100_000_000 - 4_375_000, "withdrawing_fen": 0}
    total = floor.found("/v1/cash", PARK)
    assert (total["total_fen"], total["halted"]) == (300_000_000, False)
    assert floor.get("/v1/cash", FOOD).status_code == 403


def test_a_bidding_says_its_result_once_nobody_opens_bids_any_more(floor: Floor) -> None:
    """DOMAIN 14 and STORY 5: 60.50 for all, 140 t of 200 for the last."""
    work = floor.work
    floor.hand(PARK, 500)
    lot = floor.say(work.lot(500, 6_000), PARK)
    said = work.auction(lot)
    work.administer(said)
    bids = [work.bid(said, 233, 6_180), work.bid(said, 127, 6_100), work.bid(said, 200, 6_050)]
    makers = (floor.steel, floor.tiles, FOOD)
    opened = [work.signed(bid, maker) for bid, maker in zip(bids, makers, strict=True)]
    for bid, maker in zip(opened, makers, strict=True):
        digest = marketwork.order_hash(bid, maker, marketwork.EXCHANGE).hex()
        value = bid.tonnes * bid.price_fen
        floor.say(marketwork.CommitBid(auction=said.op_id, commitment=digest, maximum_fen=value), maker)
    path = f"/v1/market/auctions/{said.op_id}"
    sealed = floor.found(path, FOOD)
    assert (sealed["commitments"], sealed["revealed"], sealed["price_fen"], sealed["awards"]) == (3, 0, None, None)
    floor.memory.now += HOUR
    for bid, maker in zip(opened, makers, strict=True):
        floor.work.bring(bid, maker)
    assert floor.found(path, FOOD)["price_fen"] is None, "not before the time to reveal is over"
    floor.memory.now += 1_800
    told = floor.found(path, FOOD)
    assert (told["price_fen"], told["unsold"], told["cleared_index"]) == (6_050, 0, None)
    assert [award["tonnes"] for award in told["awards"]] == [233, 127, 140]
    (listed,) = floor.found("/v1/market/auctions", floor.steel)["auctions"]
    assert (listed["op_id"], listed["revealed"], listed["lapsed"]) == (said.op_id, 3, None)


def test_what_a_bid_forfeits_is_told_with_its_name_to_itself_and_to_the_overseers(floor: Floor) -> None:
    """DOMAIN 14: what was not opened lapses, and forfeits a tenth of what it locked."""
    work = floor.work
    floor.hand(PARK, 500)
    said = work.auction(floor.say(work.lot(500, 6_000), PARK), forfeit_bps=1_000)
    work.administer(said)
    silent = work.signed(work.bid(said, 100, 6_100), FOOD)
    floor.say(work.commit(silent, FOOD, maximum=700_005), FOOD)
    floor.memory.now += HOUR + 1_800
    path = f"/v1/market/auctions/{said.op_id}"
    assert floor.found(path, FOOD)["lapsed"] is None
    work.administer(work.clear(said))
    digest = marketwork.order_hash(silent, FOOD, marketwork.EXCHANGE).hex()
    for asks, name in ((FOOD, FOOD), (PARK, FOOD), (floor.steel, None)):
        (lapsed,) = floor.found(path, asks)["lapsed"]
        assert (lapsed["account"], lapsed["commitment"], lapsed["maximum_fen"]) == (name, digest, 700_005)
        assert lapsed["forfeit_fen"] == 70_001, "half-up"


def test_the_sum_of_all_cash_says_what_it_was_compared_with(floor: Floor) -> None:
    """DOMAIN 21: the bank's figure and the ledger's, of the comparison that made cash stand still."""
    assert floor.found("/v1/cash", PARK)["compared"] is None
    place = {"block_number": 99, "log_index": 0, "tx_hash": bytes(32), "op_id": bytes(32), "entry_index": 1}
    with floor.database.write() as session:
        session.add(ChainReconciliationRow(**place, day=DAY_ONE, bank_fen=1, ledger_fen=300_000_000))
    told = floor.found("/v1/cash", PARK)
    assert told["halted"] is True
    assert told["compared"] == {"day": DAY_ONE, "bank_fen": 1, "ledger_fen": 300_000_000}


@pytest.mark.parametrize(
    ("path", "query", "status", "rule"),
    [
        ("/v1/market/ccer/book", {}, 422, "request.parameter"),
        ("/v1/market/cash/trades", {}, 422, "request.parameter"),
        ("/v1/market/quota-1989/days", {}, 422, "request.parameter"),
        (f"/v1/market/{QUOTA}/sessions/19700101", {}, 422, "request.parameter"),
        (f"/v1/market/{QUOTA}/trades", {"limit": 101}, 422, "request.parameter"),
        (f"/v1/market/{QUOTA}/trades", {"day": "today"}, 422, "request.parameter"),
        ("/v1/market/orders/" + "ab" * 31, {}, 422, "request.parameter"),
        ("/v1/market/orders", {"account": "no identifier"}, 400, "identifier.characters"),
        ("/v1/market/auctions/" + "00" * 32, {}, 404, "auction.unknown"),
        ("/v1/market/accounts/88.608.404/nobody", {}, 404, "accounts.unknown"),
        ("/v1/cash/88.608.404/nobody", {}, 404, "accounts.unknown"),
        ("/v1/cash/no%20identifier", {}, 400, "identifier.characters"),
    ],
)
def test_bad_questions_are_refused_with_rule_and_value(
    still: Floor, path: str, query: dict[str, object], status: int, rule: str
) -> None:
    answer = still.get(path, PARK, **query)
    assert (answer.status_code, answer.json()["rule"]) == (status, rule), answer.text
    assert answer.json()["message_zh"]
