from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from jsonschema import Draft202012Validator

import attestation
from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.accounting.efficiency import efficiency_code
from attestation.admission_codes import code_hash
from attestation.bodies import Activity as Activity48
from attestation.bodies import (
    Approval,
    BaseOutput,
    BaseYear,
    CancelUnits,
    ClockWindow,
    CommentScore,
    Label,
    MarketHours,
    Opening,
    ProposeScore,
    ScoreAsOf,
    Sector,
    WithdrawScore,
)
from attestation.facts.assets import ObligationRecord, OwedRecord
from attestation.facts.quotas import ScoreFigure
from attestation.instants import format_instant
from attestation.json_schema import json_schemas, schema_bytes
from attestation.judging.openings import approval_digest
from attestation.keys import Algorithm, Kind, Purpose
from attestation.powers import POWER_BY_ACTION
from attestation.statements import TYPES, Policy, parse_body
from attestation.typed_data import Domain, sign_compact_digest
from quota.allocation import AllocationRules, pre_inputs_to_document

FOLDER = Path(attestation.__file__).parent / "schemas"
SPARE = "88.608.5288/spare-meter"
CALIBRATED = {
    "event": "calibrate",
    "accuracy_percent": "0.5",
    "valid_until": "2030-01-01T00:00:00Z",
    "certificate_hash": "ab" * 32,
}
REPLACED = {"event": "replace", "closing": "12", "by": SPARE, "opening": "0", "multiplier": "60", "unit": "MWh"}


def validator(type_: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"{type_}.json").read_text("utf-8")))


def test_the_committed_schemas_are_those_of_the_structs() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(f"{type_}.json" for type_ in TYPES)
    for type_, schema in json_schemas().items():
        assert (FOLDER / f"{type_}.json").read_bytes() == schema_bytes(schema), f"{type_}.json is out of date"


@pytest.mark.parametrize("type_", TYPES)
def test_schemas_are_draft_2020_12(type_: str) -> None:
    schema = json.loads((FOLDER / f"{type_}.json").read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.fixture(scope="module")
def year(world, cases, unitwork, marketwork):
    """A log that holds every type of statement, optional members present and absent."""
    steel = load_bundled("cets-steel", "03.01-v01-2024")
    park = world.Park(domain=Domain(31337, b"\x11" * 20, b"\x5a" * 32))
    park.enrol(world.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
    works = {"parent": world.PARK, "group": "holding 甲", "algorithm": Algorithm.ES256K}
    park.enrol(world.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT | Purpose.ASSET, **works)
    park.enrol(world.METER, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    for name, id_, version, document in (
        ("factor-set", steel.id, steel.version, steel.document()),
        ("obligation-base", "base", "1", {"year": 2023, "base": "direct+energy"}),
    ):
        policy = Policy(policy=name, id=id_, version=version, effective_from="2023-01-01", document=document)
        park.log.accept(park.sign("policy", policy, iss=world.PARK, stream="policies"))
    for seq in range(1, 5):
        park.log.accept(park.reading(seq))
    park.log.accept(park.close(5, count=4))
    park.log.accept(park.reading(7))
    park.log.accept(park.loss(6, 6))
    park.log.accept(park.reading(1, iss=world.WORKS, stream="by-hand", meter=world.METER))
    park.enrol(SPARE, Kind.DEVICE, Purpose.DEVICE, parent=world.WORKS)
    for event in (
        {"event": "install", "at": world.quarter(0), "unit": "kWh", "opening": "0", "multiplier": "40"},
        CALIBRATED | {"at": world.quarter(1)},
        REPLACED | {"at": world.quarter(2), "accuracy_percent": "0.5", "valid_until": "2030-01-01T00:00:00Z"},
        {"event": "remove", "at": world.quarter(3), "closing": "2.50"},
    ):
        body = parse_body("device", {"device": SPARE} | event)
        park.log.accept(park.sign("device", body, iss=world.WORKS, stream="devices"))
    cited = CitedRange(world.METER, world.STREAM, 1, 4, "6.00", "kWh")
    supersedes = None
    for _ in range(2):
        built = build_report(
            year=2023,
            period_from="2023-01-01T00:00:00+00:00",
            period_to="2023-12-31T23:59:59-01:00",
            activities=[
                Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("10.00"), "t"),
                Activity("grid", LineKind.ELECTRICITY, next(iter(steel.electricity)), evidence=(cited,)),
            ],
            factor_set=steel,
            obligation_base="direct+energy",
            supersedes=supersedes,
        )
        body = parse_body("report", built.body)
        park.log.now += 10_000_000
        park.log.accept(park.sign("report", body, iss=world.WORKS, stream="reports"))
        supersedes = park.log.entries[-1].statement.statement_id.hex()
    for replaced in (None, "sector table corrected"):
        previous = None if replaced is None else park.log.entries[-1].statement.statement_id.hex()
        body = label(world, park, supersedes=previous, reason=replaced)
        park.log.accept(park.sign("label", body, iss=world.PARK, stream="labels"))
    case = tell_cases(world, cases, park)
    tell_admissions(world, park)
    units = unitwork.Unitwork(world, cases, case)
    tell_units(unitwork, units)
    tell_market(marketwork, marketwork.Marketwork(units, unitwork))
    return park


def tell_cases(world, cases, park):
    """A case from the plan to the registered figure with every kind of step, and one that was determined."""
    others = ("88.608.6000/works", "88.608.6001/works")
    for name in others:
        park.enrol(name, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    case = cases.Casework(world, park, others[0], base="direct+energy")
    plan = case.tell_plan()
    case.appoint()
    case.end()
    opened = case.open_draw()
    case.contribute(opened)
    drawn = case.draw(opened).body.verifier
    case.report(plan=plan.statement_id.hex(), compiled_by=world.WORKS)
    finding = case.find(verifier=drawn)
    case.resubmit()
    answers = (case.resolve(finding),)
    verdict = case.verify(verifier=drawn, **case.adjusted("80.00"), nonconformities=answers)
    case.decide(case.object(verdict), upheld=False)
    case.at(30)
    case.register(verdict)
    case.determine(enterprise=others[1], revision=1)
    return case


def tell_admissions(world, park) -> None:
    """An enterprise and a verifier let in, one turned away, an accreditation renewed, a tie, base years carried in."""
    li, wang, body = "88.608.100/li", "88.608.100/wang", "88.608.300/bureau"
    park.enrol(body, Kind.REGULATOR, Purpose.STATEMENT)
    for person, parent in ((li, world.PARK), (wang, world.PARK), ("88.608.300/chen", body)):
        park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=parent, algorithm=Algorithm.ES256K)

    def say(members: dict[str, object], iss: str) -> str:
        park.log.accept(park.sign("admission", parse_body("admission", members), iss=iss, stream="admissions"))
        return park.log.entries[-1].statement.statement_id.hex()

    code_of = {"credit_code": "91110000600037341L", "application": "0a" * 32, "reason": "licence seen"}
    accreditation = {"number": "CNAS VV001", "until": "2099-12-31"}
    tied = "88.608.9900/verifier"
    for number, (identifier, kind, more) in enumerate(
        (
            ("88.608.7700/glass", Kind.ENTERPRISE, {"group": "holding 乙"}),
            (tied, Kind.VERIFIER, {"accreditation": accreditation}),
        )
    ):
        review = {"action": "review", "identifier": identifier, "kind": kind.value, "recommended": True} | more
        code = f"{number:032x}"
        approval = {"action": "approve", "review": say(review | code_of, li), "code_hash": code_hash(code)}
        shown = {"admission": say(approval, wang), "code": code}
        group = more.get("group")
        enrolment = park.key_body(identifier, kind, Purpose.STATEMENT, group=group, algorithm=Algorithm.ES256K)
        park.accept_key(msgspec.structs.replace(enrolment, **shown))
    say({"action": "review", "identifier": "88.608.7700/b", "kind": "enterprise", "recommended": False} | code_of, li)
    renewed = {"number": "CNAS VV002", "until": "2100-01-01", "document_hash": "0b" * 32}
    say({"action": "accredit", "verifier": tied} | renewed, wang)
    say({"action": "tie", "a": tied, "b": world.WORKS, "reason": "one owner"}, wang)

    output = BaseOutput(product="tiles", quantity="120000", unit="t")
    years = BaseYear(year=2020, tonnes=40_001), BaseYear(year=2021, tonnes=40_245, output=output)
    opening = Opening(
        enterprise=world.WORKS, base_years=years, document_hash="0c" * 32, reason="carried in", approvals=()
    )
    digest = approval_digest(park.log.registry_domain, opening)
    approvals = tuple(
        Approval(identifier=person, signature="0x" + sign_compact_digest(digest, park.keys[person]).hex())
        for person in (li, "88.608.300/chen")
    )
    approved = msgspec.structs.replace(opening, approvals=approvals)
    park.log.accept(park.sign("opening", approved, iss=world.PARK, stream="openings"))


def tell_units(unitwork, units) -> None:
    """Every order, every settlement and every intent, with optional members present and absent."""
    hold, settle, say, signed = units.hold, units.settle, units.say, units.signed
    hold(signed(units.issue(5_000)))
    hold(signed(units.carry_in(1_000)))
    hold(signed(units.offsets(1, 10)))
    emergency, taken = units.freeze(10, approvals=None), signed(units.freeze(20))
    hold(emergency)
    hold(units.confirm(emergency))
    hold(taken)
    hold(signed(units.release(taken, 5)))
    hold(signed(units.transfer(5, freeze=taken.op_id, cause="enforcement")))
    hold(signed(units.transfer(5)))
    lapsing = units.freeze(1, approvals=None)
    hold(lapsing)
    units.log.now += unitwork.DAY
    hold(units.lapse(lapsing))
    hold(signed(units.of_units(CancelUnits, 1)))
    hold(signed(units.suspend(unitwork.TILES)))
    units.log.debts[unitwork.STEEL] = OwedRecord(9, 0, units.log.now)
    say(units.give_back(4))
    hold(units.collect())
    units.obliged(100)
    say(units.surrender(100))
    say(units.cancel_own(1))
    settle(signed(units.price()))
    units.obliged(90)
    settle(units.credit())
    hold(signed(units.issue(2_000, vintage=units.year + 1)))
    rules = AllocationRules(units.year + 1, 2_000, 100)
    units.allocate(units.allocation(pre_inputs_to_document(rules, {unitwork.STEEL: 90}), "pre"))
    tell_score(unitwork, units)
    units.log.now = unitwork.DEADLINE + 1
    say(units.carry_over(2))
    units.log.now = unitwork.CARRY_UNTIL
    units.log.positions[unitwork.STEEL, units.year] = ObligationRecord(revision=2)
    settle(units.assess())
    settle(units.close())


def tell_score(unitwork, units) -> None:
    """A score proposed, commented on and withdrawn."""
    figure = ScoreFigure("tanlu-score@1", {"identifier": unitwork.STEEL, "year": units.year}, "ab" * 32, 9_250, "A+")
    units.log.figures[unitwork.STEEL, units.year] = figure
    body = ProposeScore(
        enterprise=unitwork.STEEL,
        year=units.year,
        formula=figure.formula,
        as_of=ScoreAsOf(size=units.log.next_index),
        inputs=dict(figure.inputs),
        input_root=figure.input_root,
        points_bps=figure.points_bps,
        grade=figure.grade,
        comments_until=format_instant(units.log.calendar(units.year).after_working_days(units.log.now, 10)),
    )
    score = units.rate(body).statement_id.hex()
    units.rate(CommentScore(score=score, text="the report was in time"), iss=unitwork.STEEL)
    units.rate(WithdrawScore(score=score, reason="an input was wrong"))


def tell_market(marketwork, market) -> None:
    """A trading day with everything that happens on it, an auction, and cash in and out of the bank."""
    market.units.hold(market.units.signed(market.units.suspend(market.tiles, suspended=False)))
    afternoon = (ClockWindow(start="13:00", until="15:00"),)
    market.administer(market.approved(market.terms(hours=MarketHours(listed=afternoon, block=afternoon))))
    market.opened()
    market.administer(market.halt())
    market.administer(market.resume())
    offer = market.say(market.sell(10), market.tiles)
    market.say(market.accepting(offer), market.food)
    market.say(market.cancel(market.say(market.sell(1), market.tiles)), market.tiles)
    lot = market.say(market.lot(20), market.tiles)
    auction = market.auction(lot)
    market.administer(auction)
    bid = market.bid(auction, 20, 6_000)
    market.say(market.commit(bid, market.food), market.food)
    market.log.now += marketwork.HOUR
    market.say(bid, market.food)
    market.log.now += marketwork.HOUR // 2
    market.administer(market.clear(auction))
    market.administer(market.close())
    windows = (market.window(),)
    market.administer(market.day(day=marketwork.FIRST_DAY + 1, windows=windows, block_windows=windows))
    market.say(market.cancel_all(), market.tiles)
    market.administer(market.approved(market.bind(market.food)), "cash")
    market.administer(market.approved(market.deposit(5, account=market.food)), "cash")
    market.say(market.move(1, "cash"), market.food)
    withdrawn = market.withdraw(4)
    market.say(withdrawn, market.food)
    market.administer(market.approved(market.payout(withdrawn.op_id)), "cash")
    market.administer(market.reconcile(0), "cash")


def label(world, park, **changed: object) -> Label:
    """The code of the standing report's tonnes, 1,000 t of product in a sector at 1 t/t, and CNY 10,000,000."""
    standing = park.log.standing_report(world.WORKS, 2023)
    code = efficiency_code(
        Decimal(standing.body.totals.obligation_tonnes),
        activity=Decimal(1000),
        activity_unit="t",
        sector_intensity=Decimal(1),
        value_added=Decimal(1000),
    )
    return Label(
        enterprise=world.WORKS,
        year=2023,
        basis="reported",
        report=standing.statement_id.hex(),
        obligation_base="direct+energy",
        tonnes=standing.body.totals.obligation_tonnes,
        activity=Activity48(product="tiles", quantity="1000", unit="t"),
        sector=Sector(name="ceramics", intensity="1", source="park bulletin"),
        value_added="1000",
        intensity=str(code.intensity.value),
        k=str(code.k),
        level=code.level,
        value_intensity=str(code.value_intensity.value),
        grade=code.grade.value,
        **changed,
    )


def test_every_accepted_statement_validates_against_its_schema(year) -> None:
    types = set()
    for logged in year.log.entries:
        statement = logged.statement
        validator(statement.type).validate(json.loads(statement.jws.payload))
        types.add(statement.type)
    assert types == set(TYPES)


BAD = [
    ("reading", "v", 2),
    ("reading", "type", "close"),
    ("reading", "seq", 0),
    ("reading", "seq", 2**53),
    ("reading", "seq", "1"),
    ("reading", "stream", "Energy"),
    ("reading", "iss", "meter"),
    ("reading", "extra", 1),
    ("reading", "body.extra", 1),
    ("reading", "body.quantity", "-1"),
    ("reading", "body.quantity", 1.5),
    ("reading", "body.quantity", "1e3"),
    ("reading", "body.unit", "furlong"),
    ("reading", "body.from", "2023-01-01"),
    ("reading", "body.to", None),
    ("reading", "body.meter", "meter"),
    ("close", "body.count", -1),
    ("loss", "body.device", "meter"),
    ("loss", "body.stream", "Energy"),
    ("loss", "body.first_seq", 0),
    ("loss", "body.last_seq", "6"),
    ("loss", "body.reason", ""),
    ("close", "body.last_seq", "1"),
    ("admission", "body.action", "dismiss"),
    ("admission", "body.kind", "park"),
    ("admission", "body.credit_code", "91110000600037341l"),
    ("admission", "body.application", "0A" * 32),
    ("admission", "body.recommended", "yes"),
    ("opening", "body.base_years", []),
    ("opening", "body.document_hash", "0c" * 31),
    ("key", "body.action", "revoke"),
    ("key", "body.action", "resign"),
    ("key", "body.subject.kind", "meter"),
    ("key", "body.subject.parent", None),
    ("key", "body.key.purposes", []),
    ("key", "body.key.purposes", ["trade"]),
    ("key", "body.key.jwk.crv", "P-384"),
    ("key", "body.key.jwk.x", "AA"),
    ("key", "body.possession", 1),
    ("key", "body.possession_evm", "0x00"),
    ("report", "body.year", 23),
    ("report", "body.lines", []),
    ("report", "body.supersedes", "AB"),
    ("report", "body.totals.scope1", "1.5"),
    ("report", "body.totals.obligation_base", "energy"),
    ("report", "body.totals.obligation_tonnes", "27"),
    ("policy", "body.policy", "assignment"),
    ("plan", "body.version", ""),
    ("plan", "body.facilities", []),
    ("plan", "body.effective_from", "2023"),
    ("assignment", "body.action", "hire"),
    ("assignment", "body.year", 23),
    ("assignment", "body.from", "2023"),
    ("finding", "body.report", "AB"),
    ("finding", "body.items", []),
    ("verification", "body.conclusion", "unsure"),
    ("verification", "body.uncovered", ""),
    ("verification", "body.nonconformities", "none"),
    ("objection", "body.action", "appeal"),
    ("objection", "body.grounds", ""),
    ("registration", "body.signature", "0x00"),
    ("registration", "body.tonnes", "90"),
    ("determination", "body.document_hash", "AB"),
    ("determination", "body.cause", "late"),
    ("determination", "body.approvals", []),
    ("policy", "body.effective_from", "2023"),
    ("policy", "body.document", []),
    ("label", "body.level", 6),
    ("label", "body.k", "0.6"),
    ("label", "body.grade", "great"),
    ("label", "body.activity.unit", "piece"),
    ("label", "body.report", "AB"),
    ("label", "body.tonnes", "27"),
    ("holding", "body.action", "sell"),
    ("holding", "body.op_id", "0" * 64),
    ("holding", "body.tonnes", 0),
    ("holding", "body.vintage", 1989),
    ("holding", "body.approvals", []),
    ("holding", "body.account", "park"),
    ("compliance", "body.offset_cap_bps", 10_001),
    ("compliance", "body.earlier_vintages", "no"),
    ("compliance", "body.closes_at", "2025-02-01"),
    ("intent", "body.signature", "0x00"),
    ("intent", "body.tonnes", 2**53),
    ("intent", "body.vintage", "2023"),
    ("intent", "body.deadline", 0),
]


@pytest.mark.parametrize(("type_", "path", "value"), BAD)
def test_what_a_schema_refuses_verification_refuses_too(world, year, type_: str, path: str, value: object) -> None:
    statement = next(e.statement for e in year.log.entries if e.statement.type == type_)
    payload = json.loads(statement.jws.payload)
    payload["seq"] = 90 if path != "seq" else payload["seq"]
    place = payload
    *parents, last = path.split(".")
    for name in parents:
        place = place[name]
    place[last] = value
    assert not validator(type_).is_valid(payload)
    key = year.keys[statement.iss]
    header = world.header_of(payload["iss"] if path != "iss" else statement.iss, key, type_)
    refusal = world.refusal_of(year.log.accept, world.forge(header, payload, key))
    assert refusal is not None
    assert refusal.step in (1, 2, 9)


@pytest.mark.parametrize("type_", TYPES)
def test_no_member_may_be_left_out(year, type_: str) -> None:
    statement = next(e.statement for e in year.log.entries if e.statement.type == type_)
    payload = json.loads(statement.jws.payload)
    check = validator(type_)
    for name in payload:
        assert not check.is_valid({other: value for other, value in payload.items() if other != name})
    optional = {field.encode_name for field in msgspec.structs.fields(type(statement.body)) if not field.required}
    for name in payload["body"]:
        body = {other: value for other, value in payload["body"].items() if other != name}
        assert check.is_valid(payload | {"body": body}) is (name in optional)


ACTIONS = {
    "revoke": {"thumbprint": "A" * 43, "identifier": "88.608.1/a"},
    "compromise": {"thumbprint": "A" * 43, "identifier": "88.608.1/a", "invalid_since": 7, "reason": "theft"},
    "veto-recovery": {"proposal": "0" * 64},
}


@pytest.mark.parametrize("action", list(ACTIONS))
def test_the_schema_of_key_knows_each_action(year, action: str) -> None:
    payload = json.loads(next(e.statement for e in year.log.entries if e.statement.type == "key").jws.payload)
    check, members = validator("key"), ACTIONS[action]
    payload["body"] = {"action": action} | members
    assert check.is_valid(payload)
    for other in ACTIONS:
        if other != action:
            assert not check.is_valid(payload | {"body": {"action": other} | members})
    for name in members:
        body = {member: value for member, value in payload["body"].items() if member != name}
        assert not check.is_valid(payload | {"body": body})
        assert not check.is_valid(payload | {"body": payload["body"] | {name: None}})


def test_every_action_is_in_the_schema() -> None:
    choices = json.loads((FOLDER / "key.json").read_text("utf-8"))["properties"]["body"]["oneOf"]
    assert len(choices) == len(POWER_BY_ACTION)
