"""DOMAIN 35 and 46: nothing is counted twice, and a refusal says where."""

from __future__ import annotations

import pytest

from attestation.accounting.counted import Claim, Counted, check_counted_once
from attestation.errors import SchemaRefused

METER = Counted("88.608.5288/METER_1")
POWER, HEAT = Counted(METER.issuer, "power"), Counted(METER.issuer, "heat")


def _claims(*given: tuple[tuple[Counted, ...], tuple[Counted, ...]]) -> list[Claim]:
    return [Claim(at, f"s{at}", counts, above) for at, (counts, above) in enumerate(given)]


def _refused(*given: tuple[tuple[Counted, ...], tuple[Counted, ...]]) -> SchemaRefused:
    with pytest.raises(SchemaRefused) as refused:
        check_counted_once(_claims(*given), twice="a.twice", behind="a.behind")
    return refused.value


@pytest.mark.parametrize(("one", "other"), [(METER, METER), (METER, POWER), (POWER, METER), (POWER, POWER)])
def test_a_meter_meets_itself_and_its_streams(one: Counted, other: Counted) -> None:
    error = _refused(((one,), ()), ((other,), ()))
    assert error.rule == "a.twice"
    assert "sources[1].counts (s1)" in error.message
    assert "s0" in error.message


@pytest.mark.parametrize("first", [True, False])
def test_what_lies_behind_a_counted_meter_is_counted_with_it(first: bool) -> None:
    main, behind = ((Counted("88.608.1/MAIN"),), (METER,)), ((POWER,), ())
    error = _refused(*((main, behind) if first else (behind, main)))
    assert error.rule == "a.behind"
    assert f"sources[{1 if first else 0}].counts" in error.message


def test_two_streams_and_two_meters_are_two_things() -> None:
    other = Counted("88.608.5288/METER_2")
    check_counted_once(_claims(((POWER,), (other,)), ((HEAT,), ())), twice="a.twice", behind="a.behind")
