"""Monitoring plans and the reports that name them (DOMAIN 42)."""

from __future__ import annotations

import msgspec
import pytest

from attestation.statements import Facility


def test_a_plan_has_a_version_of_its_own(world, case) -> None:
    entry = case.tell_plan()
    assert case.log.plan_of(case.works, "1").statement_id == entry.statement_id
    with world.refused("plan.repeated", 11, "1"):
        case.tell_plan()
    case.tell_plan(version="2", effective_from="2023-07-01")


def test_an_enterprise_or_a_park_signs_it(world, case, cases) -> None:
    with world.refused("purpose.kind", 8, "verifier"):
        case.accept("plan", case.plan(), iss=cases.V1)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"version": " 1"}, "body.name"),
        ({"effective_from": "2023"}, "date.format"),
        ({"boundary": ""}, "body.words"),
        ({"quality": "a\x00b"}, "body.words"),
        ({"quality": "x" * 4_001}, "body.words"),
        ({"facilities": ()}, "plan.empty"),
        ({"parameters": ()}, "plan.empty"),
        ({"facilities": (Facility(id="boiler", name="a"), Facility(id="boiler", name="b"))}, "plan.twice"),
        ({"facilities": (Facility(id="kiln", name="a"),)}, "plan.facility"),
    ],
)
def test_other_plans_are_refused(world, case, changed: dict[str, object], rule: str) -> None:
    with world.refused(rule, 9):
        case.tell_plan(**changed)


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"accuracy_percent": "0"}, "plan.accuracy", 9),
        ({"accuracy_percent": "100.1"}, "plan.accuracy", 9),
        ({"accuracy_percent": "1%"}, "decimal.grammar", 9),
        ({"stream": "Coal"}, "envelope.stream", 9),
        ({"gap_rule": ""}, "body.words", 9),
        ({"meter": "88.608.100/park"}, "plan.meter", 11),
        ({"meter": "88.608.5288/nothing"}, "plan.meter", 11),
    ],
)
def test_other_parameters_are_refused(world, case, changed: dict[str, object], rule: str, step: int) -> None:
    parameter = msgspec.structs.replace(case.plan().parameters[0], **changed)
    with world.refused(rule, step):
        case.tell_plan(parameters=(parameter,))


def test_a_parameter_comes_once(world, case) -> None:
    with world.refused("plan.twice", 9, "coal"):
        case.tell_plan(parameters=case.plan().parameters * 2)


def test_text_may_have_lines(case) -> None:
    case.tell_plan(boundary="The plant.\n厂区之内。")


# --- reports name a plan ------------------------------------------------------------------------------------------


def test_a_report_names_a_plan_of_its_own_that_is_in_force(world, case) -> None:
    plan, later = case.tell_plan(), case.tell_plan(version="2", effective_from="2024-01-01")
    with world.refused("report.plan", 11, "ab" * 32):
        case.report(plan="ab" * 32)
    with world.refused("report.plan_date", 11, "2024-01-01"):
        case.report(plan=later.statement_id.hex())
    with world.refused("statement_id.format", 9):
        case.report(plan="plan")
    case.report(plan=plan.statement_id.hex())


def test_a_report_does_not_name_another_s_plan(world, case) -> None:
    other = case.accept(
        "plan", msgspec.structs.replace(case.plan(), parameters=(without_meter(case),)), iss=world.PARK, stream="plans"
    )
    with world.refused("report.plan", 11):
        case.report(plan=other.statement_id.hex())


def without_meter(case):
    return msgspec.structs.replace(case.plan().parameters[0], meter=None)


def test_where_the_year_s_rules_ask_for_a_plan_a_report_without_one_is_refused(world, case, cases) -> None:
    case.policy("rules", "rules-2023", "1", {"year": cases.YEAR, "plan_required": True})
    plan = case.tell_plan()
    with world.refused("report.plan_required", 11):
        case.report()
    case.report(plan=plan.statement_id.hex())
