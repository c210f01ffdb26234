from __future__ import annotations

import copy

import pytest

from attestation.accounting import load_bundled
from attestation.instants import format_instant
from attestation.judging.assignments import read_assignment
from attestation.keys import Kind, Purpose
from attestation.statements import Policy

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


def assignment(**changed: object) -> Policy:
    document = {
        "verifier": "88.608.700/verifier",
        "enterprise": "88.608.5288/works",
        "from": "2024-01-01",
        "to": "2024-07-01",
    }
    document = {name: value for name, value in (document | changed).items() if value is not ...}
    return Policy(policy="assignment", id="v-works", version="1", effective_from="2024-01-01", document=document)


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


@pytest.fixture
def assigned(world, park):
    park.enrol("88.608.700/verifier", Kind.VERIFIER, Purpose.STATEMENT)
    return park


def test_a_verifier_is_assigned_to_an_enterprise_for_whole_days_of_china_standard_time(world, assigned) -> None:
    accept(world, assigned, assignment())
    body = assigned.log.entries[-1].statement.body_as(Policy)
    found = read_assignment(body.document)
    assert (found.verifier, found.enterprise) == ("88.608.700/verifier", world.WORKS)
    assert format_instant(found.start) == "2023-12-31T16:00:00Z"
    assert format_instant(found.end) == "2024-06-30T16:00:00Z"
    with world.refused("policy.repeated", 11, "v-works"):
        accept(world, assigned, assignment(to="2025-01-01"))


@pytest.mark.parametrize(
    ("changed", "step", "rule"),
    [
        ({"to": ...}, 9, "policy.document"),
        ({"scope": "all"}, 9, "policy.document"),
        ({"verifier": 7}, 9, "policy.document"),
        ({"verifier": "somebody"}, 9, "identifier.form"),
        ({"from": "2024-1-1"}, 9, "date.format"),
        ({"to": "2024-02-30"}, 9, "date.format"),
        ({"to": "2024-01-01"}, 9, "assignment.period"),
        ({"to": "2023-01-01"}, 9, "assignment.period"),
        ({"verifier": "88.608.700/other"}, 11, "assignment.unknown"),
        ({"enterprise": "88.608.700/other"}, 11, "assignment.unknown"),
        ({"verifier": "88.608.5288/works"}, 11, "assignment.kind"),
        ({"enterprise": "88.608.5288/meter-1"}, 11, "assignment.kind"),
        ({"enterprise": "88.608.100/park"}, 11, "assignment.kind"),
    ],
)
def test_other_assignments_are_refused(world, assigned, changed, step: int, rule: str) -> None:
    with world.refused(rule, step):
        accept(world, assigned, assignment(**changed))
