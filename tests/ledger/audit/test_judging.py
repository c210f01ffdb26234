"""A statement that was accepted against a rule is named with rule and value; a log that kept them has no divergence."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from attestation.bodies import AllocationShare, PublishScore
from ledger.audit import Divergence
from ledger.audit.chain_unread import NOT_JUDGED
from ledger.audit.findings import Area
from ledger.chain.outbox import State
from ledger.context import LedgerContext, LogParameters
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.score_views import ScoreReader
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    BaseYear,
    GrandfatheringInputs,
    Method,
    inputs_to_document,
)
from quota.scoring import AccuracyFact, BackingFact, score, score_to_document
from tanlu.client.scores import ScoreFacts
from tanlu.scoring import build_proposal
from tests.ledger.audit.lax import audited, taking_everything
from tests.ledger.engines import migrated_sqlite
from tests.ledger.market_desk import DAY_ONE, MarketDesk
from tests.ledger.mirrored import Mirror, casework, marketwork, memory, unitwork

STEEL, TILES, PARK = unitwork.STEEL, unitwork.TILES, memory.PARK
V1, V2, V3, YEAR = casework.V1, casework.V2, casework.V3, casework.YEAR
HOUR = marketwork.HOUR
ROOT = Path(__file__).parents[3]
PAGE, RULES = ROOT / "docs" / "audit.md", ROOT / "attestation" / "rules.tsv"


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path)
    yield made
    made.database.close()


def told(mirror: Any) -> list[Divergence]:
    return audited(mirror.database, mirror.parameters)


def last(mirror: Any) -> str:
    return f"entry {mirror.memory.next_index - 1}"


def only(found: list[Divergence]) -> tuple[Area, str, str]:
    (one,) = found
    return one.area, one.place, one.rule


# --- clean logs ---


def test_a_case_with_every_step_is_judged_as_it_was(mirror: Mirror) -> None:
    case = mirror.case
    plan = case.tell_plan()
    opened = case.open_draw(V1, V2)
    case.contribute(opened)
    first = case.draw(opened).body.verifier
    second = V2 if first == V1 else V1
    case.report(plan=plan.statement_id.hex())
    finding = case.find(verifier=first)
    voided = case.verify(verifier=first, nonconformities=(case.resolve(finding, resolution="explained"),))
    case.decide(case.object(voided), upheld=True)
    case.appoint(second)
    case.resubmit()
    verdict = case.verify(verifier=second, nonconformities=(case.resolve(finding),))
    case.at(20)
    case.register(verdict)
    assert told(mirror) == []


def test_a_year_of_units_is_judged_as_it_was_without_the_chain(mirror: Mirror) -> None:
    """Balances, debts and deadlines that only the contracts know refuse nothing (DOMAIN 2 to 7, 22 to 24)."""
    units = mirror.units()
    hold, settle, say, signed = units.hold, units.settle, units.say, units.signed
    hold(signed(units.issue(5_000)))
    hold(signed(units.carry_in(1_000)))
    hold(signed(units.offsets(1, 100)))
    emergency, lapsing = units.freeze(10, approvals=None), units.freeze(30, approvals=None)
    hold(emergency)
    hold(units.confirm(emergency))
    hold(lapsing)
    mirror.memory.now += unitwork.DAY
    hold(units.lapse(lapsing))
    hold(signed(units.transfer(7)))
    units.obliged(200)
    say(units.surrender(10, asset="ccer"))
    say(units.surrender(190))
    settle(signed(units.price()))
    units.obliged(180)
    settle(units.credit())
    mirror.memory.now = unitwork.DEADLINE
    say(units.carry_over(9))
    mirror.memory.now = unitwork.CARRY_UNTIL
    assert told(mirror) == []


def test_what_was_accepted_before_a_contract_refused_is_no_divergence(mirror: Mirror) -> None:
    """A release of a freeze that the contract refuses a day later was good when it was accepted."""
    units = mirror.units()
    units.hold(units.signed(units.carry_in(1_000)))
    taken = units.signed(units.freeze(20))
    units.hold(taken)
    units.hold(units.signed(units.release(taken, 5)))
    with mirror.database.write() as session:
        row = update(OutboxRow).where(OutboxRow.op_id == bytes.fromhex(taken.op_id))
        session.execute(row.values(state=State.REFUSED.value, doubt_number=9, doubt_hash=bytes(32)))
    assert told(mirror) == []
    with taking_everything():
        units.hold(units.signed(units.release(taken, 16)))
    assert only(told(mirror)) == (Area.UNIT, last(mirror), "freeze.unknown")


# --- logs that took what a rule refuses ---


def _compiler_verifies(mirror: Mirror) -> None:
    mirror.case.tell_plan()
    mirror.case.report(compiled_by=V1)
    mirror.case.appoint(V1)


def _unassigned_verdict(mirror: Mirror) -> None:
    mirror.case.tell_plan()
    mirror.case.report()
    mirror.case.verify(verifier=V2)


def _early_registration(mirror: Mirror) -> None:
    case = mirror.case
    case.tell_plan()
    case.report()
    case.appoint(V1)
    case.register(case.verify(verifier=V1))


def _other_totals(mirror: Mirror) -> None:
    case = mirror.case
    case.tell_plan()
    body = case.report_body()
    more = replace(body.totals, obligation_tonnes=body.totals.obligation_tonnes + 1)
    case.accept("report", replace(body, totals=more), iss=case.works)


def _offsets_above_the_cap(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.offsets(1, 100)))
    units.obliged(200)
    units.say(units.surrender(7, asset="ccer"))
    units.say(units.surrender(4, asset="ccer"))


def _one_person_issues(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.issue(5_000), persons=(casework.OFFICER, casework.OFFICER)))


def _serials_twice(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.offsets(1, 100)))
    units.hold(units.signed(units.offsets(100, 110, cancellation="OTHER")))


def _more_than_is_due(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.carry_in(1_000)))
    units.obliged(200)
    units.say(units.surrender(150))
    units.say(units.surrender(51))


def _carried_too_much(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.carry_in(1_000)))
    units.obliged(200)
    units.say(units.surrender(200))
    mirror.memory.now = unitwork.DEADLINE
    units.say(units.carry_over(11))


def _other_shares(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.issue(2_000)))
    base = GrandfatheringInputs((BaseYear(YEAR - 1, Decimal(1_000)),), Decimal("0.95"))
    one = AllocationInput(STEEL, Method.GRANDFATHERING, base)
    document = inputs_to_document(AllocationRules(YEAR, 2_000, 100), [one])
    row = AllocationShare(identifier=STEEL, granted=960, owes=0, settles=0)
    units.allocate(units.allocation(document, table=(row,), tonnes=960))


def _scored(mirror: Mirror, units: Any, of: LogParameters | None = None, enterprise: str = STEEL, **said: Any) -> Any:
    """A proposal of what the tables give, or of what is said instead."""
    parameters = of or mirror.parameters
    found = ScoreReader(mirror.database, parameters).facts(enterprise, YEAR)
    assert found is not None
    with mirror.database.read() as session:
        context = LedgerContext(session, parameters, EntryRepository(session).state(), mirror.memory.now)
        mirror.memory.figures[enterprise, YEAR] = context.recompute_score(enterprise, YEAR, None)
    facts = ScoreFacts(
        found.moment.size,
        found.moment.block,
        score_to_document(score(dataclasses.replace(found.inputs, **said))),
        (),
        (),
    )
    return build_proposal(facts, mirror.memory.calendar(YEAR).after_working_days(mirror.memory.now, 10))


def _better_score(mirror: Mirror) -> None:
    units = mirror.units()
    units.rate(replace(_scored(mirror, units), points_bps=9_900, grade="A+"))


def _early_score(mirror: Mirror) -> None:
    units = mirror.units()
    units.rate(PublishScore(score=units.rate(_scored(mirror, units)).statement_id.hex()))


def test_a_score_of_the_ledgers_own_facts_is_no_divergence(mirror: Mirror) -> None:
    """DOMAIN 49, with a report and a verdict in the case."""
    units = mirror.units()
    mirror.case.tell_plan()
    mirror.case.report()
    units.rate(_scored(mirror, units))
    computed: list[int] = []
    assert audited(mirror.database, mirror.parameters, scores=computed) == []
    assert computed == [1]


def test_a_score_of_other_facts_is_named_though_its_points_follow_from_them(mirror: Mirror) -> None:
    """DOMAIN 49: the inputs are the ledger's."""
    units = mirror.units()
    with taking_everything():
        units.rate(_scored(mirror, units, accuracy=AccuracyFact(100, 100, determined=False)))
    assert told(mirror) == []
    computed: list[int] = []
    (named,) = audited(mirror.database, mirror.parameters, scores=computed)
    assert (named.area, named.place, named.rule) == (Area.SCORE, f"{last(mirror)}, inputs.accuracy", "score.inputs")
    assert (named.found, named.expected) == ('{"determined":false,"reported":"100","verified":"100"}', "not known")
    assert computed == [1]


def test_how_much_of_a_registered_report_devices_signed_is_computed_from_its_readings(mirror: Mirror) -> None:
    """DOMAIN 43, 49: 20 of 100 points; here no reading stands behind the report. Without contracts of units the log's
    own registration is the figure."""
    case = mirror.case
    case.tell_plan()
    case.report()
    case.appoint(V1)
    verdict = case.verify(verifier=V1)
    case.at(20)
    case.register(verdict)
    units = mirror.units()
    alone = dataclasses.replace(mirror.parameters, ledger_domain=None)
    computed: list[int] = []
    with taking_everything():
        good = _scored(mirror, units, alone, enterprise=case.works)
        assert good.inputs["backing"]["device"] == "0"
        units.rate(good)
        assert audited(mirror.database, alone, scores=computed) == []
        total = int(good.inputs["backing"]["total"])
        units.rate(_scored(mirror, units, alone, enterprise=case.works, backing=BackingFact(total, total)))
    (named,) = audited(mirror.database, alone, scores=computed)
    assert named.place == f"{last(mirror)}, inputs.backing"
    assert named.expected == f'{{"device":"0","total":"{total}"}}'
    assert computed == [1, 2]


CASES: list[tuple[Callable[[Mirror], None], Area, str, str, str]] = [
    (_compiler_verifies, Area.LOG, "eligibility.compiled", V1, "DOMAIN 8, 44"),
    (_unassigned_verdict, Area.LOG, "case.unassigned", V2, "DOMAIN 44"),
    (_early_registration, Area.LOG, "registration.early", "", "DOMAIN 44"),
    (_other_totals, Area.REPORT, "totals.obligation_tonnes", "258", "DOMAIN 36"),
    (_offsets_above_the_cap, Area.OBLIGATION, "surrender.offset_cap", "4 t", "DOMAIN 3"),
    (_one_person_issues, Area.UNIT, "approval.same_person", casework.OFFICER, "DOMAIN 23"),
    (_serials_twice, Area.UNIT, "offset.serials", "", "DOMAIN 4"),
    (_more_than_is_due, Area.OBLIGATION, "surrender.exceeds", "51 t", "DOMAIN 2"),
    (_carried_too_much, Area.OBLIGATION, "carry_over.exceeds", "11 t", "DOMAIN 6"),
    (_other_shares, Area.ALLOCATION, "allocation.table", "granted 960", "DOMAIN 26, 30"),
    (_better_score, Area.SCORE, "score.points", "9900 A+", "DOMAIN 49"),
    (_early_score, Area.SCORE, "score.early", "", "DOMAIN 49"),
]


@pytest.mark.parametrize(
    ("act", "area", "rule", "value"), [case[:4] for case in CASES], ids=[case[2] for case in CASES]
)
def test_what_was_accepted_against_a_rule_is_named(
    mirror: Mirror, act: Callable[[Mirror], None], area: Area, rule: str, value: str
) -> None:
    with taking_everything():
        act(mirror)
    found = told(mirror)
    named = [one for one in found if one.rule == rule]
    assert [(one.area, one.place) for one in named] == [(area, last(mirror))], [str(one) for one in found]
    assert value in named[0].found
    assert named[0].expected


# --- the market ---


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[MarketDesk]:
    made = MarketDesk(migrated_sqlite(tmp_path / "market.sqlite3"))
    made.endow()
    yield made
    made.database.close()


def test_a_trading_day_is_judged_as_it_was_without_the_chain(desk: MarketDesk) -> None:
    """What an account has to trade, and what the exchange settled or undid, refuses nothing (DOMAIN 12 to 18)."""
    work = desk.work
    work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 700, 6_250)
    desk.trade(desk.food, desk.tiles, 475, 6_200)
    resting = desk.say(work.sell(10, 6_300), desk.food)
    desk.say(work.cancel(resting), desk.food)
    desk.say(work.cancel_all(1), desk.steel)
    desk.say(work.sell(5, 6_300, epoch=1), desk.steel)
    desk.mine()
    desk.close()
    assert told(desk) == []


def test_an_order_after_an_epoch_that_was_raised_on_the_exchange_is_no_divergence(desk: MarketDesk) -> None:
    """Who raised it there named it in its next order; the one before it is not the account's epoch any more."""
    desk.work.opened(6_000)
    with taking_everything():
        desk.say(desk.work.sell(5, 6_300, epoch=4), desk.steel)
    assert told(desk) == []
    with taking_everything():
        desk.say(desk.work.sell(5, 6_300, epoch=3), desk.steel)
    assert [(one.rule, one.found) for one in told(desk)] == [("order.epoch", "3")]


def _above_the_band(desk: MarketDesk) -> None:
    desk.work.opened(6_000)
    desk.say(desk.work.buy(1, 6_601), desk.tiles)


def _after_hours(desk: MarketDesk) -> None:
    desk.work.opened(6_000)
    desk.memory.now += 2 * HOUR
    desk.say(desk.work.buy(1, 6_000), desk.tiles)


def _other_close(desk: MarketDesk) -> None:
    desk.work.opened(6_000)
    desk.trade(desk.steel, desk.tiles, 700, 6_250)
    desk.work.administer(desk.work.close(DAY_ONE, close_fen=6_249))


@pytest.mark.parametrize(
    ("act", "rule", "value"),
    [
        (_above_the_band, "market.band", "66.01"),
        (_after_hours, "market.closed", "quota-2023"),
        (_other_close, "session.figures", "6249"),
    ],
    ids=["DOMAIN-15", "DOMAIN-13", "DOMAIN-15-close"],
)
def test_what_the_market_took_against_a_rule_is_named(
    desk: MarketDesk, act: Callable[[MarketDesk], None], rule: str, value: str
) -> None:
    with taking_everything():
        act(desk)
    index = desk.memory.next_index - 1
    (named,) = [one for one in told(desk) if one.rule == rule]
    assert (named.area, named.place) == (Area.MARKET, f"entry {index}")
    assert value in named.found


def test_the_page_says_of_every_rule_that_is_not_judged_why() -> None:
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.* \| .*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == {rule: f"{why} | {why_zh}" for rule, (why, why_zh) in NOT_JUDGED.items()}


def test_only_rules_of_acceptance_are_left_out() -> None:
    known = {line.split("\t")[0] for line in RULES.read_text(encoding="utf-8").splitlines()}
    assert set(NOT_JUDGED) <= known
