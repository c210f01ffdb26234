"""Base years carried in from before the log (DOMAIN 23, 24)."""

from __future__ import annotations

import pytest

from attestation.bodies import Approval, BaseOutput, BaseYear, Opening
from attestation.instants import parse_instant
from attestation.judging.openings import approval_digest
from attestation.keys import Algorithm, Kind, Purpose
from attestation.typed_data import Domain, sign_compact_digest

DOMAIN = Domain(31337, b"\x11" * 20, b"\x5a" * 32)
PERSONS = {"88.608.100/li": None, "88.608.300/chen": "88.608.300/bureau"}
YEARS = (
    BaseYear(year=2020, tonnes=40_001),
    BaseYear(year=2021, tonnes=40_245, output=BaseOutput(product="tiles", quantity="120000", unit="t")),
)


@pytest.fixture
def desk(world):
    park = world.Park(domain=DOMAIN)
    park.enrol(world.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    park.enrol(world.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    park.enrol("88.608.300/bureau", Kind.REGULATOR, Purpose.STATEMENT)
    for person, body in PERSONS.items():
        park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=body or world.PARK, algorithm=Algorithm.ES256K)
    return park


def opening(world, **changed: object) -> Opening:
    given: dict[str, object] = {
        "enterprise": world.WORKS,
        "base_years": YEARS,
        "document_hash": "0a" * 32,
        "reason": "verified by the province before the park's register opened",
        "approvals": (),
    }
    return Opening(**(given | changed))


def approved(park, body: Opening, *, of: Opening | None = None) -> Opening:
    digest = approval_digest(DOMAIN, of or body)
    approvals = tuple(
        Approval(identifier=person, signature="0x" + sign_compact_digest(digest, park.keys[person]).hex())
        for person in PERSONS
    )
    return Opening(**({name: getattr(body, name) for name in body.__struct_fields__} | {"approvals": approvals}))


def say(world, park, body: Opening, **options):
    return park.log.accept(park.sign("opening", body, iss=options.pop("iss", world.PARK), stream="openings", **options))


def test_an_enterprise_opens_once(world, desk) -> None:
    body = approved(desk, opening(world))
    say(world, desk, body)
    assert desk.log.opening(world.WORKS) == desk.log.entries[-1].index
    with world.refused("opening.repeated", 11, world.WORKS):
        say(world, desk, body)


@pytest.mark.parametrize(
    "altered",
    [
        {"base_years": (BaseYear(year=2020, tonnes=40_002), YEARS[1])},
        {"document_hash": "0b" * 32},
        {"reason": "another reason"},
    ],
)
def test_what_is_altered_after_the_approvals_has_none(world, desk, altered) -> None:
    body = approved(desk, opening(world, **altered), of=opening(world))
    with world.refused("approval.signature", 12):
        say(world, desk, body)


def test_two_persons_of_two_bodies_approve(world, desk) -> None:
    body = approved(desk, opening(world))
    one = body.approvals[0]
    with world.refused("approval.same_person", 12):
        say(world, desk, opening(world, approvals=(one, one)))
    with world.refused("approval.count", 9):
        say(world, desk, opening(world, approvals=(one,)))


def made(quantity: str, unit: str = "t") -> dict[str, object]:
    """A base year with an output."""
    output = BaseOutput(product="tiles", quantity=quantity, unit=unit)
    return {"base_years": (BaseYear(year=2020, tonnes=1, output=output),)}


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("opening.years", {"base_years": ()}),
        ("opening.years", {"base_years": YEARS[::-1]}),
        ("opening.years", {"base_years": (YEARS[0], YEARS[0])}),
        ("opening.years", {"base_years": tuple(BaseYear(year=1990 + n, tonnes=1) for n in range(21))}),
        ("body.integer", {"base_years": (BaseYear(year=1989, tonnes=1),)}),
        ("body.integer", {"base_years": (BaseYear(year=2020, tonnes=-1),)}),
        ("sha256.format", {"document_hash": "0A" * 32}),
        ("body.reason", {"reason": " "}),
        ("identifier.form", {"enterprise": "works"}),
        ("opening.output", made("0")),
        ("decimal.grammar", made("-1")),
        ("unit.unknown", made("1", "box")),
    ],
)
def test_an_opening_of_bad_form_is_refused(world, desk, rule: str, changed) -> None:
    with world.refused(rule, 9):
        say(world, desk, opening(world, **changed))


def test_a_base_year_is_over_when_it_is_carried_in(world, desk) -> None:
    """In China Standard Time: eight hours before the year of UTC ends."""
    body = approved(desk, opening(world, base_years=(BaseYear(year=2023, tonnes=1),)))
    desk.log.now = parse_instant("2023-12-31T23:59:59+08:00")
    with world.refused("opening.year", 11, "2023"):
        say(world, desk, body)
    desk.log.now += 1
    say(world, desk, body)


@pytest.mark.parametrize("whom", ["88.608.7000/nobody", "88.608.300/bureau", "88.608.100/li"])
def test_base_years_are_of_who_reports(world, desk, whom: str) -> None:
    with world.refused("opening.enterprise", 11, whom):
        say(world, desk, approved(desk, opening(world, enterprise=whom)))


def test_only_the_registrar_opens(world, desk) -> None:
    with world.refused("purpose.registrar", 8, "88.608.100/li"):
        say(world, desk, opening(world), iss="88.608.100/li")


def test_without_a_registry_nobody_could_approve(world, park) -> None:
    with world.refused("opening.no_registry", 11, world.WORKS):
        say(
            world,
            park,
            opening(world, approvals=(Approval(identifier="88.608.100/li", signature="0x" + "0" * 128),) * 2),
        )
