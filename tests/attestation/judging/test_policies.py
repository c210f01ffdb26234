from __future__ import annotations

import copy

import msgspec
import pytest

from attestation.accounting import load_bundled
from attestation.bodies import Determination
from attestation.bodies.policies import Corrects
from attestation.examination import examine
from attestation.policies import Rules, default_calendar
from attestation.policies.calendar import default_document
from attestation.statements import Policy
from attestation.typed_data import Domain
from attestation.verification import Verdict

STEEL = ("cets-steel", "03.01-v01-2024")


def factor_policy(**changed: object) -> Policy:
    document = load_bundled(*STEEL).document()
    members = {
        "policy": "factor-set",
        "id": STEEL[0],
        "version": STEEL[1],
        "effective_from": "2024-01-01",
        "document": document,
    }
    return Policy(**(members | changed))


def base_policy(document: dict[str, object], **changed: object) -> Policy:
    members = {
        "policy": "obligation-base",
        "id": "base-2023",
        "version": "1",
        "effective_from": "2023-01-01",
        "document": document,
    }
    return Policy(**(members | changed))


def accept(world, park, policy: Policy):
    return park.log.accept(park.sign("policy", policy, iss=world.PARK, stream="policies"))


def test_a_factor_set_is_published_once(world, park) -> None:
    accept(world, park, factor_policy())
    assert park.log.factor_set(*STEEL).document_hash() == load_bundled(*STEEL).document_hash()
    with world.refused("policy.repeated", 11, STEEL[1]):
        accept(world, park, factor_policy())


def test_the_policy_names_the_factor_set_that_it_carries(world, park) -> None:
    for changed in ({"id": "other"}, {"version": "2"}):
        with world.refused("policy.document", 9, STEEL[0]):
            accept(world, park, factor_policy(**changed))


def test_a_document_that_is_no_factor_set_is_refused_at_step_9(world, park) -> None:
    document = copy.deepcopy(load_bundled(*STEEL).document())
    document["extra"] = "1"
    for wrong in ({}, document):
        refusal = world.refusal_of(accept, world, park, factor_policy(document=wrong))
        assert refusal is not None
        assert refusal.step == 9


def test_a_float_in_a_factor_set_is_refused_as_json(world, park) -> None:
    document = copy.deepcopy(load_bundled(*STEEL).document())
    document["fuels"]["anthracite"]["ncv"] = 25.024
    entry = world.forge(
        world.header_of(world.PARK, park.keys[world.PARK], "policy"),
        world.payload_of(
            world.PARK,
            type="policy",
            stream="policies",
            body={
                "policy": "factor-set",
                "id": STEEL[0],
                "version": STEEL[1],
                "effective_from": "2024-01-01",
                "document": document,
            },
        ),
        park.keys[world.PARK],
    )
    with world.refused("json.float", 2, "25.024"):
        park.log.accept(entry)


def test_the_obligation_base_of_a_year_is_direct_until_a_policy_says_otherwise(world, park) -> None:
    # DOMAIN 2.
    assert park.log.obligation_base(2023) == "direct"
    accept(world, park, base_policy({"year": 2023, "base": "direct+energy"}))
    assert park.log.obligation_base(2023) == "direct+energy"
    assert park.log.obligation_base(2024) == "direct"


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"year": 2023}, "policy.document"),
        ({"year": "2023", "base": "direct"}, "policy.document"),
        ({"year": True, "base": "direct"}, "policy.document"),
        ({"year": 2023, "base": "direct", "more": 1}, "policy.document"),
        ({"year": 23, "base": "direct"}, "body.integer"),
        ({"year": 2023, "base": "energy"}, "body.choice"),
    ],
)
def test_other_obligation_bases_are_refused(world, park, document: dict[str, object], rule: str) -> None:
    with world.refused(rule, 9):
        accept(world, park, base_policy(document))


@pytest.mark.parametrize(
    ("changed", "rule", "value"),
    [
        ({"policy": "weather"}, "body.choice", "weather"),
        ({"id": " x"}, "body.name", "x"),
        ({"version": "x" * 129}, "body.name", "x"),
        ({"version": "1\n"}, "body.name", "1"),
        ({"effective_from": "2023"}, "date.format", "2023"),
        ({"effective_from": "2023-02-30"}, "date.format", "2023-02-30"),
    ],
)
def test_other_policies_are_refused(world, park, changed: dict[str, str], rule: str, value: str) -> None:
    with world.refused(rule, 9, value):
        accept(world, park, base_policy({"year": 2023, "base": "direct"}, **changed))


def test_a_policy_from_the_future_is_refused(world, park) -> None:
    policy = base_policy({"year": 2023, "base": "direct"})
    with world.refused("time.iat_future", 10):
        park.log.accept(park.sign("policy", policy, iss=world.PARK, iat=park.log.now + 301))


def of_a_year(kind: str, document: dict[str, object], version: str = "1", **changed: object) -> Policy:
    members = {"policy": kind, "id": f"{kind}-2023", "version": version, "effective_from": "2023-01-01"}
    return Policy(**(members | {"document": {"year": 2023, **document}} | changed))


def test_what_a_year_has_no_policy_for_has_its_defaults(world, park) -> None:
    # DOMAIN 2, 11, 44.
    assert park.log.rules(2023) == Rules(2023)
    assert park.log.calendar(2023) == default_calendar(2023)
    assert park.log.coverage_list(2023) is None


def test_a_published_version_serves_its_year_alone(world, park) -> None:
    accept(world, park, of_a_year("rules", {"objection_days": 3}))
    accept(world, park, of_a_year("calendar", default_document() | {"holidays": ["2024-01-01"]}))
    entries = [{"identifier": world.WORKS, "obliged": True}]
    accept(world, park, of_a_year("coverage-list", {"entries": entries}))
    assert park.log.rules(2023).objection_days == 3
    assert len(park.log.calendar(2023).holidays) == 1
    assert park.log.coverage_list(2023).obliges(world.WORKS)
    assert park.log.rules(2024) == Rules(2024)
    assert park.log.coverage_list(2024) is None


def test_the_version_that_began_last_is_in_force(world, park) -> None:
    # The log's day is 2023-11-15 in China.
    for version, days, since in (
        ("1", 1, "2023-11-15"),
        ("2", 2, "2023-06-01"),
        ("3", 3, "2023-11-16"),
    ):
        accept(world, park, of_a_year("rules", {"objection_days": days}, version, effective_from=since))
    assert park.log.rules(2023).objection_days == 1
    accept(world, park, of_a_year("rules", {"objection_days": 4}, "4", effective_from="2023-11-15"))
    assert park.log.rules(2023).objection_days == 4, "of one day the one that was logged last"
    park.log.now += 86_400
    assert park.log.rules(2023).objection_days == 3


@pytest.mark.parametrize("kind", ["calendar", "rules", "coverage-list"])
def test_documents_of_other_kinds_are_refused_at_step_9(world, park, kind: str) -> None:
    refusal = world.refusal_of(accept, world, park, of_a_year(kind, {"base": "direct"}))
    assert (refusal.step, refusal.rule) == (9, "policy.document")


def test_only_factor_sets_correct_a_version(world, park) -> None:
    corrects = {"version": "1", "reason": "a comma in the wrong place"}
    policy = convert(of_a_year("rules", {}), corrects)
    with world.refused("policy.corrects", 9, "rules"):
        accept(world, park, policy)


def convert(policy: Policy, corrects: dict[str, str]) -> Policy:
    return msgspec.structs.replace(policy, corrects=Corrects(**corrects))


def corrected(version: str, by: str, reason: str = "oxidation of coke was mistyped", **changed: object) -> Policy:
    document = {**load_bundled(*STEEL).document(), "version": by}
    policy = factor_policy(version=by, document=document, **changed)
    return convert(policy, {"version": version, "reason": reason})


def test_a_correction_names_a_version_that_stands(world, park) -> None:
    with world.refused("policy.corrected", 11, STEEL[1]):
        accept(world, park, corrected(STEEL[1], "2"))
    accept(world, park, factor_policy())
    accept(world, park, corrected(STEEL[1], "2"))
    assert park.log.factor_set_terms(*STEEL).corrected_by == "2"
    with world.refused("policy.corrected", 11, STEEL[1]) as caught:
        accept(world, park, corrected(STEEL[1], "3"))
    assert "2, which corrects it already" in caught.value.expected
    accept(world, park, corrected("2", "3"))


def test_a_correction_without_a_reason_is_refused(world, park) -> None:
    accept(world, park, factor_policy())
    with world.refused("body.reason", 9):
        accept(world, park, corrected(STEEL[1], "2", reason=" "))


def test_a_correction_serves_from_when_the_corrected_version_did(world, park) -> None:
    accept(world, park, factor_policy(effective_from="2022-01-01"))
    accept(world, park, corrected(STEEL[1], "2", effective_from="2023-11-01"))
    accept(world, park, corrected("2", "3", effective_from="2023-11-10"))
    assert park.log.factor_set_terms(STEEL[0], "3").effective_from == "2022-01-01"


def decide(world, park, type_: str, body) -> None:
    """The log holds that decision; whether it was a good one is judged elsewhere."""
    entry = park.sign(type_, body, iss=world.PARK, stream="decisions")
    statement = examine(entry, world.ORIGIN)
    verdict = Verdict(park.log.keys_of(world.PARK)[0])
    park.log.entries.append(world.Logged(len(park.log.entries), statement, verdict, park.log.now))


def determination(world, year: int) -> Determination:
    return Determination(
        enterprise=world.WORKS,
        year=year,
        tonnes=100,
        revision=1,
        cause="no-report",
        method="capacity",
        document_hash="00" * 32,
        reason="no report came",
        approvals=(),
    )


YEARLY = {
    "obligation-base": {"base": "direct"},
    "rules": {"objection_days": 1},
    "calendar": default_document(),
    "coverage-list": {"entries": []},
}


@pytest.mark.parametrize("kind", YEARLY)
def test_a_policy_dated_into_decisions_already_made_is_refused(world, park, kind: str) -> None:
    decide(world, park, "determination", determination(world, 2023))
    for since in ("2023-01-01", "2023-11-15"):
        with world.refused("policy.decided", 11, since):
            accept(world, park, of_a_year(kind, YEARLY[kind], effective_from=since))
    accept(world, park, of_a_year(kind, YEARLY[kind] | {"year": 2024}, "2"))


@pytest.mark.parametrize("kind", ["calendar", "coverage-list"])
def test_dates_and_names_may_change_for_what_is_not_decided(world, park, kind: str) -> None:
    decide(world, park, "determination", determination(world, 2023))
    accept(world, park, of_a_year(kind, YEARLY[kind], effective_from="2023-11-16"))


@pytest.mark.parametrize("kind", ["obligation-base", "rules"])
def test_one_base_and_one_set_of_rules_serve_all_of_a_years_decisions(world, park, kind: str) -> None:
    # DOMAIN 2: allocation, score and obligation use the same base.
    decide(world, park, "determination", determination(world, 2023))
    with world.refused("policy.decided", 11, "2030-01-01"):
        accept(world, park, of_a_year(kind, YEARLY[kind], effective_from="2030-01-01"))


@pytest.mark.parametrize(("chain_id", "day_seconds"), [(31337, 1), (1337, 3600), (1, 86_400)])
def test_a_rehearsals_calendar_is_published_on_a_local_chain(world, park, chain_id: int, day_seconds: int) -> None:
    park.log.registry_domain = Domain(chain_id, b"\x11" * 20, b"\x22" * 32)
    document = {"year": 2023, **default_document(), "day_seconds": day_seconds}
    accept(world, park, of_a_year("calendar", document))
    assert park.log.calendar(2023).day_seconds == day_seconds


@pytest.mark.parametrize("chain_id", [1, 20220912, 31338])
def test_where_figures_count_a_day_lasts_a_day(world, park, chain_id: int) -> None:
    park.log.registry_domain = Domain(chain_id, b"\x11" * 20, b"\x22" * 32)
    document = {"year": 2023, **default_document(), "day_seconds": 1}
    with world.refused("calendar.rehearsal", 11, f"chain {chain_id}"):
        accept(world, park, of_a_year("calendar", document))


def test_assignments_are_no_policies_any_more(world, park) -> None:
    body = base_policy({"year": 2023, "base": "direct"}, policy="assignment")
    with world.refused("body.choice", 9, "assignment"):
        accept(world, park, body)


@pytest.mark.parametrize("days", [0, 250])
def test_terms_that_begin_in_the_middle_of_a_running_case_do_not_serve_it(world, park, days: int) -> None:
    """DOMAIN 2, 44: published and dated ahead before anything was decided, in force only after the verdict."""
    accept(world, park, of_a_year("rules", {"objection_days": days}, "2", effective_from="2023-11-20"))
    accept(world, park, of_a_year("obligation-base", {"base": "direct+energy"}, "2", effective_from="2023-11-20"))
    decide(world, park, "determination", determination(world, 2023))
    park.log.now += 10 * 86_400
    assert (park.log.rules(2023), park.log.obligation_base(2023)) == (Rules(2023), "direct")


def test_terms_that_had_begun_by_the_first_decision_serve_all_later_ones(world, park) -> None:
    accept(world, park, of_a_year("rules", {"objection_days": 3}, "2", effective_from="2023-11-20"))
    park.log.now += 10 * 86_400
    decide(world, park, "determination", determination(world, 2023))
    park.log.now += 10 * 86_400
    assert park.log.rules(2023).objection_days == 3


GONE = {
    "a holiday": {"holidays": ["2023-11-14"]},
    "a make-up day": {"workdays": ["2023-11-11"]},
    "the zone": {"offset": "+09:00"},
}


@pytest.mark.parametrize("what", GONE)
def test_a_later_calendar_opens_no_window_that_is_over(world, park, what: str) -> None:
    # DOMAIN 44: working days are counted from the verdict on, by whichever calendar is in force then.
    decide(world, park, "determination", determination(world, 2023))
    document = default_document() | GONE[what]
    with world.refused("calendar.gone", 11, "2023-11-16"):
        accept(world, park, of_a_year("calendar", document, effective_from="2023-11-16"))


@pytest.mark.parametrize("what", GONE)
def test_nor_does_one_that_was_published_before_and_begins_after_a_decision(world, park, what: str) -> None:
    document = default_document() | GONE[what]
    with world.refused("calendar.gone", 11, "2023-11-20"):
        accept(world, park, of_a_year("calendar", document, effective_from="2023-11-20"))
    # While nothing is decided it can begin at once, and nothing is decided by another one.
    accept(world, park, of_a_year("calendar", document, effective_from="2023-11-15"))


def test_days_to_come_may_become_holidays(world, park) -> None:
    decide(world, park, "determination", determination(world, 2023))
    document = default_document() | {"holidays": ["2023-11-16", "2024-01-01"], "workdays": ["2024-02-04"]}
    accept(world, park, of_a_year("calendar", document, effective_from="2023-11-16"))
    park.log.now += 86_400
    assert len(park.log.calendar(2023).holidays) == 2
