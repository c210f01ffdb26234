"""A figure that the emissions registry finally refused is nobody's: its revision is registered anew (DOMAIN 2, 44)."""

from __future__ import annotations

import pytest

from attestation.bodies import DeclareTie
from attestation.judging.case_figure import case_figure
from attestation.keys import Algorithm

WINDOW_ENDS = 1_700_841_600
"""As in the tests of objections."""
REGISTRATION_DUE = 1_719_763_200
"""2024-07-01 in UTC+8."""


@pytest.fixture
def refused(case):
    """A case whose verdict was registered, and whose figure the contract did not take."""
    case.report()
    case.appoint()
    case.verdict_entry = case.verify(**case.adjusted("90.00"))
    case.log.now = WINDOW_ENDS
    case.register(case.verdict_entry)
    refuse(case)
    return case


def refuse(case) -> None:
    case.log.refused_figures |= {case.log.entries[-1].index}


def revisions(case, cases) -> list[tuple[int, int]]:
    return [(one.index, one.revision) for one in case.log.registrations_of(case.works, cases.YEAR)]


def test_the_same_verdict_is_registered_under_the_same_revision(world, refused, cases) -> None:
    assert case_figure(refused.works, cases.YEAR, refused.log).basis == "verified"
    with world.refused("registration.content", 11) as caught:
        refused.register(refused.verdict_entry, revision=2)
    assert "body.revision" in caught.value.message
    refused.register(refused.verdict_entry)
    assert revisions(refused, cases) == [(refused.log.entries[-1].index, 1)]
    assert case_figure(refused.works, cases.YEAR, refused.log).basis == "registered"
    with world.refused("registration.repeated", 11):
        refused.register(refused.verdict_entry)


def test_it_is_signed_by_a_key_that_counts_now(world, refused, cases) -> None:
    """The key was declared stolen before the contract heard of the figure; the verifier has another one."""
    body, stolen = refused.registration(refused.verdict_entry), refused.park.keys[cases.V1]
    new = world.seeded(Algorithm.ES256K, 91)
    refused.park.rotate(cases.V1, new)
    refused.park.compromise(cases.V1, stolen, refused.log.next_index)
    with world.refused("registration.signature", 12):
        refused.accept("registration", body, iss=world.PARK)
    refused.park.keys[cases.V1] = new
    refused.register(refused.verdict_entry)


def test_another_verifier_may_be_asked(world, refused, cases) -> None:
    tie = DeclareTie(a=refused.works, b=cases.V1, reason="hired by the plant")
    refused.accept("admission", tie, iss=cases.OFFICER)
    with world.refused("eligibility.tie", 11):
        refused.register(refused.verdict_entry)
    refused.end()
    refused.appoint(cases.V2)
    second = refused.verify(verifier=cases.V2)
    refused.at(40)
    refused.register(second)
    assert [revision for _, revision in revisions(refused, cases)] == [1]


def test_two_persons_determine_where_nobody_verifies(world, refused, cases) -> None:
    refused.end()
    refused.log.now = REGISTRATION_DUE
    refused.determine(cause="undelivered-verification")
    assert case_figure(refused.works, cases.YEAR, refused.log).basis == "determined"


def test_later_versions_of_a_refused_one_are_replaced_with_it(world, refused, cases) -> None:
    refused.log.refused_figures = frozenset()
    first = refused.log.entries[-1].index
    refused.resubmit("80.00")
    second = refused.verify()
    refused.at(30)
    refused.register(second)
    last = refused.log.entries[-1].index
    # While the later one is not refused, it is not sure that the first one is.
    refused.log.refused_figures = frozenset({first})
    with world.refused("registration.repeated", 11):
        refused.register(second)
    refused.log.refused_figures = frozenset({first, last})
    refused.register(second)
    assert revisions(refused, cases) == [(refused.log.entries[-1].index, 1)]


def test_what_the_contract_holds_stays(world, refused, cases) -> None:
    """Only the versions at the end are registered anew: the contract counts from what it holds."""
    refused.register(refused.verdict_entry)
    refused.resubmit("80.00")
    second = refused.verify()
    refused.at(30)
    refused.register(second)
    refuse(refused)
    refused.register(second)
    assert [revision for _, revision in revisions(refused, cases)] == [1, 2]
    with world.refused("determination.verified", 11):
        refused.log.now = REGISTRATION_DUE
        refused.determine(cause="undelivered-verification")
