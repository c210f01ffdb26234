"""What is known of a report before it is signed is judged by the rules of acceptance, against a real service."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.bodies import Report
from attestation.bodies.policies import Corrects
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.statements import Policy, parse_body
from tanlu.client import Client, Credentials
from tanlu.report_checks import check_alone, check_with_service

from .conftest import ENTERPRISE, ORIGIN, PARK, World

STEEL = load_bundled("cets-steel", "03.01-v01-2024")


def report(*, period: tuple[str, str] = ("2020-01-01", "2021-01-01"), base: str = "direct", **changed: Any) -> Report:
    built = build_report(
        year=2020,
        period_from=f"{period[0]}T00:00:00Z",
        period_to=f"{period[1]}T00:00:00Z",
        activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("10.00"), "t")],
        factor_set=STEEL,
        obligation_base=base,
    )
    body = parse_body("report", built.body)
    assert isinstance(body, Report)
    return msgspec.structs.replace(body, **changed)


def lying(body: Report) -> Report:
    totals = msgspec.structs.replace(body.totals, scope1="0.01")
    return msgspec.structs.replace(body, totals=totals)


def publish(client: Client, world: World, seq: int, version: str, *, corrects: str | None = None) -> None:
    body = Policy(
        policy="factor-set",
        id=STEEL.id,
        version=version,
        effective_from="2020-01-01",
        document={**STEEL.document(), "version": version},
        corrects=None if corrects is None else Corrects(version=corrects, reason="mistyped"),
    )
    client.submit(world.sign("policy", PARK, world.registrar, "policies", seq, body))


@pytest.fixture
def works(client: Client, world: World) -> Client:
    publish(client, world, 1, STEEL.version)
    return client


def judge(client: Client, world: World, body: Report) -> None:
    signed = world.sign("report", ENTERPRISE, world.enterprise, "reports", 1, body)
    with Client(client.base_url, trust=world.trust, credentials=Credentials(ENTERPRISE, world.enterprise)) as own:
        check_with_service(own, world.trust, examine(signed, ORIGIN), body)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (report(period=("2021-01-01", "2021-02-01")), "report.year"),
        (report(year=1066), "body.integer"),
        (report(supersedes="not a hash"), "statement_id.format"),
        (lying(report()), "totals.scope1"),
    ],
    ids=["year-of-the-period", "no-year", "no-hash", "total"],
)
def test_what_a_report_alone_tells_is_judged_with_a_service_and_without(
    works: Client, world: World, body: Report, rule: str
) -> None:
    for check in (lambda: check_alone(body), lambda: judge(works, world, body)):
        with pytest.raises(AttestationError) as caught:
            check()
        assert caught.value.rule == rule


def test_a_good_report_passes_and_takes_no_place(works: Client, world: World) -> None:
    check_alone(report())
    judge(works, world, report())
    assert works.stream(ENTERPRISE, "reports").last_seq == 0


def test_what_is_no_bundled_factor_set_is_judged_by_its_form_alone() -> None:
    body = report()
    own = msgspec.structs.replace(body.factor_set, version="of the park")
    check_alone(msgspec.structs.replace(lying(body), factor_set=own))
    with pytest.raises(AttestationError, match="within 2018-12-31"):
        check_alone(msgspec.structs.replace(body, factor_set=own, year=2019))


def test_the_years_base_and_the_published_factor_sets_judge(works: Client, world: World) -> None:
    with pytest.raises(AttestationError) as caught:
        judge(works, world, report(base="direct+energy"))
    assert caught.value.rule == "totals.obligation_base"
    publish(works, world, 2, "2", corrects=STEEL.version)
    with pytest.raises(AttestationError) as caught:
        judge(works, world, report())
    assert caught.value.rule == "factor_set.corrected"
    corrected = msgspec.structs.replace(report().factor_set, version="2")
    judge(works, world, report(factor_set=corrected))


def test_an_unpublished_factor_set_is_named(client: Client, world: World) -> None:
    with pytest.raises(AttestationError) as caught:
        judge(client, world, report())
    assert caught.value.rule == "factor_set.unknown"


def test_domain_44_one_report_stands_for_an_enterprise_and_year(works: Client, world: World) -> None:
    logged = works.submit(world.sign("report", ENTERPRISE, world.enterprise, "reports", 1, report()))
    with pytest.raises(AttestationError) as caught:
        judge(works, world, report(compiled_by=ENTERPRISE))
    assert (caught.value.rule, logged.statement_id in str(caught.value.expected)) == ("report.case", True)
    judge(works, world, report(supersedes=logged.statement_id))


def test_a_plan_is_the_logs_to_judge(works: Client, world: World) -> None:
    judge(works, world, report(plan="ab" * 32))
