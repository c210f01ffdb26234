"""Trading days: opened, halted, resumed, closed with what anybody replays (DOMAIN 13, 15, 16)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.bodies import ClockWindow, MarketHours, Policy, Window
from attestation.instants import format_instant, parse_instant
from attestation.judging.trading_days import windows_of

HOURS = MarketHours(
    listed=(ClockWindow(start="09:30", until="11:30"), ClockWindow(start="13:00", until="15:00")),
    block=(ClockWindow(start="13:00", until="15:00"),),
)
MORNING = Window(start="2024-05-06T09:30:00+08:00", until="2024-05-06T11:30:00+08:00")
AFTERNOON = Window(start="2024-05-06T13:00:00+08:00", until="2024-05-06T15:00:00+08:00")
CUT_OFF = "2024-05-06T18:00:00+08:00"


@pytest.fixture
def ready(market):
    """Terms and a reference price, no day yet."""
    market.administer(market.approved(market.terms()))
    market.administer(market.approved(market.price()))
    return market


@pytest.fixture
def hours(market):
    """As `ready`, with the hours of DOMAIN 13; it is Monday, 9:00 in Shanghai."""
    market.administer(market.approved(market.terms(hours=HOURS)))
    market.administer(market.approved(market.price()))
    market.log.now = parse_instant("2024-05-06T09:00:00+08:00")
    return market


def test_without_terms_or_a_reference_price_the_market_is_closed(market, world) -> None:
    """DOMAIN 15."""
    with world.refused("market.none", 11):
        market.administer(market.day())
    market.administer(market.approved(market.terms()))
    with world.refused("market.reference", 11, "quota-2023"):
        market.administer(market.day())
    market.administer(market.approved(market.price()))
    market.administer(market.day())


def test_a_slip_of_the_year_does_not_end_the_market_for_ever(ready, world) -> None:
    """DOMAIN 15: days only go on, in the log and on the exchange; so none is numbered long after its cut-off."""
    with world.refused("day.far", 10, "20990506"):
        ready.administer(ready.day(day=2099_05_06))
    # Nor does it help that its windows slipped by as much.
    year = ready.log.now + 365 * 86_400
    far = Window(start=format_instant(year), until=format_instant(year + 3_600))
    with world.refused("day.far", 10, "20270507"):
        ready.administer(ready.day(day=2027_05_07, windows=(far,), cut_off=format_instant(year + 7_200)))
    ready.administer(ready.day())


def test_a_new_vintage_inherits_the_last_price(ready, world) -> None:
    """DOMAIN 15: that of the vintage before."""
    with world.refused("market.reference", 11, "quota-2025"):
        ready.administer(ready.day(asset="quota-2025"))
    ready.administer(ready.day(asset="quota-2024"))
    assert ready.log.trading_day(0x10000 + 2024).reference == 6_000


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"asset": "cash"}, "market.tradable", 9),
        ({"asset": "ccer"}, "market.tradable", 9),
        ({"day": 2024_13_01}, "market.day", 9),
        ({"day": 1}, "body.integer", 9),
        ({"windows": ()}, "market.windows", 9),
        ({"windows": (MORNING, MORNING)}, "market.windows", 9),
        ({"windows": (AFTERNOON, MORNING)}, "market.windows", 9),
        ({"windows": (Window(start=MORNING.until, until=MORNING.start),)}, "market.windows", 9),
        ({"block_windows": ()}, "market.windows", 9),
        ({"cut_off": "18:00"}, "instant.format", 9),
        ({"cut_off": "2024-04-30T18:00:00+08:00"}, "day.cut_off", 10),
        ({"cut_off": "2106-02-07T06:28:16Z"}, "day.cut_off", 10),
        ({"windows": (Window(start="2024-04-30T09:00:00Z", until="2024-04-30T10:00:00Z"),)}, "day.cut_off", 10),
        ({"block_windows": (AFTERNOON,)}, "day.cut_off", 10),
    ],
)
def test_a_day_has_windows_to_come_and_a_cut_off_after_them(ready, world, changed, rule: str, step: int) -> None:
    """DOMAIN 16."""
    with world.refused(rule, step):
        ready.administer(replace(ready.day(), **changed))


def test_a_day_waits_for_the_close_that_gives_its_reference(ready, world, marketwork) -> None:
    """DOMAIN 15: log and exchange open at one price."""
    first = marketwork.FIRST_DAY
    ready.administer(ready.day())
    ready.administer(ready.close())
    ready.log.closing[marketwork.ASSET] = first
    with world.refused("market.closing", 11, f"{first}, for {marketwork.QUOTA}"):
        ready.administer(ready.day(day=first + 1))
    ready.log.closing.clear()
    ready.administer(ready.day(day=first + 1))


def test_days_follow_each_other_one_at_a_time(ready, world, marketwork) -> None:
    first = marketwork.FIRST_DAY
    ready.administer(ready.day())
    with world.refused("market.open_day", 11, str(first)):
        ready.administer(ready.day(day=first + 1))
    ready.administer(ready.day(asset="quota-2024", day=first - 1))
    ready.administer(ready.close())
    for day in (first, first - 1):
        with world.refused("day.order", 11, str(day)):
            ready.administer(ready.day(day=day))
    ready.administer(ready.day(day=first + 1))


def test_a_day_is_halted_and_resumed(ready, world, marketwork) -> None:
    """Two persons halt (DOMAIN 23); nobody resumes what runs."""
    with world.refused("day.unknown", 11):
        ready.administer(ready.halt())
    ready.administer(ready.day())
    with world.refused("day.unknown", 11) as caught:
        ready.administer(ready.halt(marketwork.FIRST_DAY + 1))
    assert caught.value.expected == str(marketwork.FIRST_DAY)
    with world.refused("day.running", 11):
        ready.administer(ready.resume())
    ready.administer(ready.halt())
    with world.refused("market.halted", 11):
        ready.administer(ready.halt())
    ready.administer(ready.resume())
    ready.administer(ready.halt())
    ready.administer(ready.close())
    for body in (ready.halt(), ready.resume()):
        with world.refused("day.closed", 11):
            ready.administer(body)


@pytest.mark.parametrize("act", ["halt", "resume"])
@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ({"reason": " "}, "body.reason"),
        ({"reason": "r" * 501}, "body.reason"),
        ({"document_hash": "00" * 32}, "bytes32.format"),
        ({"document_hash": "0D" * 32}, "bytes32.format"),
        ({"op_id": "00" * 32}, "operation.form"),
        ({"approvals": ()}, "approval.count"),
    ],
    ids=["no reason", "a long reason", "no document", "a hash in capitals", "no operation", "nobody"],
)
def test_a_halt_and_its_end_are_reasoned_and_rest_on_a_document(ready, world, act, fault, rule: str) -> None:
    """DOMAIN 22, 23: the registrar alone halts nothing."""
    ready.administer(ready.day())
    body = ready.halt()
    if act == "resume":
        ready.administer(body)
        body = ready.resume()
    with world.refused(rule, 9):
        ready.administer(replace(body, **fault))
    ready.administer(body)


def test_an_approval_is_of_one_halt_of_one_day_and_of_no_resumption(ready, world, marketwork) -> None:
    """DOMAIN 23: what two persons signed is what happens, once."""
    ready.administer(ready.day())
    halt = ready.halt()
    officer, _ = ready.units.persons
    with world.refused("approval.same_person", 12, officer):
        ready.administer(ready.approved(halt, persons=(officer, officer)))
    for fault in ({"document_hash": "0d" * 32}, {"op_id": ready.op()}):
        with world.refused("approval.signature", 12):
            ready.administer(replace(halt, **fault))
    ready.administer(halt)
    with world.refused("approval.signature", 12):
        ready.administer(ready.resume(approvals=halt.approvals))
    ready.administer(ready.resume())
    with world.refused("operation.used", 11, halt.op_id):
        ready.administer(halt)
    ready.administer(ready.close())
    ready.administer(ready.day(day=marketwork.FIRST_DAY + 1))
    with world.refused("approval.signature", 12):
        ready.administer(ready.halt(marketwork.FIRST_DAY + 1, approvals=halt.approvals))


@pytest.fixture
def traded(ready):
    """STORY 6: B sells A 700 t at 62.50, D sells C 475 t at 62.00."""
    ready.administer(ready.day())
    for tonnes, fen, taker in ((700, 6_250, ready.steel), (475, 6_200, ready.food)):
        offer = ready.say(ready.sell(tonnes, fen), ready.tiles)
        ready.say(ready.accepting(offer), taker)
    return ready


def test_a_close_is_what_its_entries_give(traded, world) -> None:
    """DOMAIN 15, STORY 6: 73,200.00 over 1,175 t, half-up: 62.30; it is the next reference."""
    body = traded.close()
    assert (body.volume, body.value_fen, body.close_fen, body.groups) == (1_175, 7_320_000, 6_230, 3)
    for name in ("first", "last", "fills", "volume", "value_fen", "close_fen", "groups"):
        altered = replace(body, **{name: getattr(body, name) + 1})
        with world.refused("session.figures", 12, str(getattr(body, name) + 1)) as caught:
            traded.administer(altered)
        assert f"body.{name}" in caught.value.message
    with world.refused("session.figures", 12, "ab" * 32):
        traded.administer(replace(body, book="ab" * 32))
    with world.refused("session.root", 12, "ab" * 32):
        traded.administer(replace(body, root="ab" * 32))
    traded.administer(body)
    traded.administer(traded.day(day=body.day + 1))
    assert (traded.log.trading_day(0x10000 + 2023).low, traded.log.trading_day(0x10000 + 2023).high) == (5_607, 6_853)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"book": "5"}, "bytes32.format"),
        ({"root": "5"}, "bytes32.format"),
        ({"volume": -1}, "body.integer"),
        ({"close_fen": 0}, "body.integer"),
        ({"asset": "cash"}, "market.tradable"),
    ],
)
def test_a_close_without_form_is_refused(traded, world, changed: dict[str, object], rule: str) -> None:
    with world.refused(rule, 9):
        traded.administer(replace(traded.close(), **changed))


def test_day_orders_end_with_their_day_and_the_day_once(traded, world) -> None:
    resting = traded.say(traded.sell(10), traded.tiles)
    body = traded.close()
    traded.administer(body)
    assert traded.log.order(resting).status == "ended"
    with world.refused("day.closed", 11):
        traded.administer(body)


def test_hours_are_those_of_monday_to_friday(hours, world) -> None:
    """DOMAIN 13: each window within the hours of its kind."""
    good = hours.day(windows=(MORNING, AFTERNOON), block_windows=(AFTERNOON,), cut_off=CUT_OFF)
    early = Window(start="2024-05-06T09:29:59+08:00", until="2024-05-06T11:30:00+08:00")
    lunch = Window(start="2024-05-06T09:30:00+08:00", until="2024-05-06T15:00:00+08:00")
    for windows in ((early,), (lunch,)):
        with world.refused("day.hours", 11) as caught:
            hours.administer(replace(good, windows=windows))
        assert "body.windows" in caught.value.message
    with world.refused("day.hours", 11) as caught:
        hours.administer(replace(good, block_windows=(MORNING,)))
    assert "body.block_windows" in caught.value.message
    with world.refused("day.hours", 11):
        hours.administer(replace(good, day=2024_05_07))
    for weekend in (2024_05_11, 2024_05_12):
        with world.refused("day.weekday", 11, str(weekend)):
            hours.administer(replace(good, day=weekend))
    hours.administer(good)


def test_a_holiday_is_no_trading_day(hours, world) -> None:
    holiday = {"year": 2024, "offset": "+08:00", "holidays": ["2024-05-06"], "workdays": [], "deadlines": DEADLINES}
    body = Policy(policy="calendar", id="calendar", version="1", effective_from="2024-05-06", document=holiday)
    hours.administer(body, "policy", stream="policies")
    with world.refused("day.weekday", 11, "20240506"):
        hours.administer(hours.day(windows=(MORNING,), cut_off=CUT_OFF))


DEADLINES = {
    "evidence_days": 40,
    "report": "03-31",
    "registration": "06-30",
    "allocation": "09-30",
    "surrender": "12-31",
    "carry_over": "01-31",
    "close": "01-31",
}


def test_blocks_without_windows_of_their_own_trade_in_the_listed_ones_within_their_hours(hours) -> None:
    opening = hours.day(windows=(MORNING, AFTERNOON), cut_off=CUT_OFF)
    both = tuple((parse_instant(w.start), parse_instant(w.until)) for w in (MORNING, AFTERNOON))
    assert windows_of(opening, None) == (both, both)
    assert windows_of(opening, HOURS) == (both, both[1:])
    assert windows_of(replace(opening, windows=(MORNING,)), HOURS) == (both[:1], ())
    hours.administer(replace(opening, windows=(MORNING,)))
    assert hours.log.trading_day(0x10000 + 2023).block_windows == ()
