"""``tanlu compliance``: a year's terms and price by two persons, and what the registrar settles (DOMAIN 2 to 7, 11)."""

from __future__ import annotations

import json

import pytest

from attestation.assets import quota_of
from attestation.bodies import SetTerms
from attestation.identifiers import account_id
from attestation.policies import default_calendar
from attestation.policies.year_terms import default_terms
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE
from tanlu.cli.compliance.terms import read_fen
from tanlu.errors import InputRefused
from tests.read_chain import ReadChain

from ...conftest import DEPLOYMENT, PARK
from .conftest import GLASS, LI, STEEL, WINDOW, YEAR, Register

_OF_THE_ACT = {"action", "op_id", "document_hash", "reason"}


def proposed_terms(register: Register, *words: object) -> dict[str, object]:
    proposed = register.propose("compliance", "terms", YEAR, *words)
    body = proposed["proposal"]["body"]
    assert set(body) == set(SetTerms.__struct_fields__) - {"approvals"} | {"action"}
    return {name: value for name, value in body.items() if name not in _OF_THE_ACT}


def test_terms_that_nobody_changed_are_the_calendars_and_the_domains(register: Register) -> None:
    """DOMAIN 2, 3, 5, 6, 7, 11."""
    assert proposed_terms(register) == dict(default_terms(default_calendar(YEAR)))


def test_a_published_calendar_says_when_a_year_is_over_and_how_long_a_day_is(register: Register) -> None:
    calendar = register.folder / "calendar.json"
    words = ("--year", YEAR, "--day-seconds", 2, "--version", "1", "--effective-from", "2026-01-01")
    register.answer("policy", "calendar", *words, "-o", calendar)
    signed = register.folder / "calendar.jws"
    register.answer("sign", "policy", calendar, "--key", register.registrar, "--stream", "policies", "-o", signed)
    register.answer("submit", signed)
    assert proposed_terms(register)["amendment_seconds"] == 60


def test_terms_are_what_was_given(register: Register) -> None:
    changed = ("--offset-cap-bps", 1_000, "--carry-base-bps", 0, "--carry-multiple-bps", 0, "--earlier-vintages")
    found = proposed_terms(register, *WINDOW, *changed, "--charge-multiple-bps", 70_000, "--amendment-days", 10)
    assert found == {
        "year": YEAR,
        "offset_cap_bps": 1_000,
        "surrender_deadline": "2098-01-01T00:00:00+08:00",
        "carry_over_until": "2098-02-01T00:00:00+08:00",
        "closes_at": "2098-02-01T00:00:00+08:00",
        "carry_base_bps": 0,
        "carry_multiple_bps": 0,
        "charge_multiple_bps": 70_000,
        "amendment_seconds": 864_000,
        "earlier_vintages": True,
    }


def test_terms_and_price_are_decided_by_two_persons(register: Register) -> None:
    register.set_terms()
    proposed = register.propose("compliance", "price", YEAR, "--price", "60.00")
    assert proposed["proposal"]["body"]["fen_per_tonne"] == 6_000
    done = register.submit(group="compliance")
    assert (done["statement"], done["action"], done["operations"]) == ("compliance", "price", [proposed["op_id"]])


@pytest.mark.parametrize(("text", "fen"), [("60", 6_000), ("60.5", 6_050), ("0.01", 1)])
def test_a_price_is_read_to_the_fen(text: str, fen: int) -> None:
    """DOMAIN 1: no binary float."""
    assert read_fen(text) == fen


@pytest.mark.parametrize("text", ["60.005", "-1", "1e3", "６０", "60.", ""])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_fen(text)
    assert caught.value.rule == "price.format"


def test_a_price_of_nothing_is_not_proposed(register: Register) -> None:
    assert register.propose("compliance", "price", YEAR, "--price", "0", code=1)["rule"] == "body.integer"
    assert register.propose("compliance", "price", YEAR, "--price=-1", code=1)["rule"] == "price.format"


def test_instants_out_of_order_are_not_proposed(register: Register) -> None:
    words = (*WINDOW, "--closes-at", "2098-01-15T00:00:00+08:00")
    assert register.propose("compliance", "terms", YEAR, *words, code=1)["rule"] == "terms.order"


def test_without_a_service_the_dates_are_named(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANLU_AS")
    assert register.propose("compliance", "terms", YEAR, code=1)["rule"] == "terms.calendar"
    assert register.propose("compliance", "terms", YEAR, *WINDOW)["judged"] is False


def test_a_year_that_goes_on_is_neither_assessed_nor_credited_nor_closed(register: Register) -> None:
    register.set_terms()
    assert register.act("compliance", "assess", STEEL, YEAR, code=1)["rule"] == "obligation.none"
    assert register.act("compliance", "close", YEAR, STEEL, code=1)["rule"] == "close.early"
    register.determine(1_000)
    assert register.act("compliance", "assess", STEEL, YEAR, code=1)["rule"] == "assess.early"
    assert register.act("compliance", "credit", STEEL, YEAR, code=1)["rule"] == "credit.none"
    assert not list(register.folder.glob("office.key.signed/*/assets/[2-9].jws")), "what is refused takes no place"


def test_a_year_without_terms_is_not_settled(register: Register) -> None:
    for words in (("assess", STEEL, YEAR), ("credit", STEEL, YEAR), ("close", YEAR, STEEL)):
        assert register.act("compliance", *words, code=1)["rule"] == "terms.none"
    assert not list(register.folder.glob("office.key.signed/*/assets/*")), "what is refused takes no place"


def test_a_year_is_assessed_and_closed_after_its_end(register: Register) -> None:
    """DOMAIN 7, 11: with the calendar's dates, which are over; what is missing needs a price first."""
    register.decide("compliance", "terms", YEAR)
    register.determine(1_000)
    assert register.act("compliance", "assess", STEEL, YEAR, code=1)["rule"] == "assess.price"
    register.decide("compliance", "price", YEAR, "--price", "60.00")
    assessed = register.act("compliance", "assess", STEEL, YEAR)
    assert (assessed["enterprise"], len(assessed["operations"]), assessed["state"]) == (STEEL, 1, None)
    assert register.act("compliance", "assess", STEEL, YEAR, code=1)["rule"] == "assess.repeated"
    nobody = register.act("compliance", "close", YEAR)
    assert nobody == {"year": YEAR, "accounts": [], "entries": []}
    closed = register.act("compliance", "close", YEAR, STEEL, STEEL)
    assert (closed["accounts"], closed["entries"]) == ([STEEL], [closed["index"]])


def test_a_year_is_closed_too_for_whoever_holds_nothing_of_it(register: Register, run) -> None:
    """DOMAIN 11: else nobody sees that an enterprise which used all of its quota up is done with the year."""
    register.decide("compliance", "terms", YEAR)
    chain = ReadChain(register.office.database, DEPLOYMENT, PARK)
    chain.knows(PARK, STEEL, GLASS)
    chain.figure(STEEL, YEAR, 10)
    chain.carried_in(GLASS, 5, YEAR)
    closed = register.act("compliance", "close", YEAR)
    assert closed["accounts"] == [STEEL, GLASS], "one has an obligation and no units, one units and no obligation"
    accounts = [account_id(one) for one in (STEEL, GLASS)]
    tonnes = {"account": accounts[1], "asset": quota_of(YEAR), "tonnes": 5}
    members = {"year": YEAR, "opId": chain.op(), "accounts": accounts, "tonnes": 5}
    chain.block((CARBON_LEDGER, "Expired", tonnes), (COMPLIANCE, "YearClosed", members))
    for lang, word in (("en", "(closed)"), ("zh", "（已关闭）")):
        shown = run("compliance", "show", YEAR, STEEL, "--lang", lang).stdout
        assert word in shown
        assert word in run("account", "show", STEEL, "--lang", lang).stdout
    assert register.answer("compliance", "show", YEAR, STEEL)["position"]["closed"] is True
    assert register.act("compliance", "close", YEAR) == {"year": YEAR, "accounts": [], "entries": []}


def test_another_than_the_registrar_settles_nothing(register: Register) -> None:
    words = ("compliance", "close", YEAR, STEEL, "--key", register.office.files[LI])
    assert register.answer(*words, code=1)["rule"].startswith(("purpose.", "access."))


def test_what_was_decided_is_read_in_chinese(register: Register, run) -> None:
    register.propose("compliance", "price", YEAR, "--price", "60.00")
    approvals = register.approvals()
    words = ("compliance", "submit", register.file(), *approvals, "--key", register.registrar, "--lang", "zh")
    shown = run(*words)
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith("参考价格：第 ")
    assert json.loads(register.file().read_bytes())["statement"] == "compliance"
