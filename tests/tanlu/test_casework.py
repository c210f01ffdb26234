"""Bodies of a case: what a verifier and the registrar sign is what the figures and the draw give."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import msgspec
import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.accounting.adjusted import apply_adjustments
from attestation.bodies import Report
from attestation.bodies.verdicts import Adjustment
from attestation.draws import choose, commitment_of
from attestation.errors import KeyRefused
from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain, recover, verified_emissions_digest
from tanlu import casework

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
DOMAIN = Domain(31337, b"\x11" * 20, b"\x22" * 32)
ENTERPRISE = "88.608.1001/A"
EXAMINED = casework.Examined(
    report="aa" * 32, initial_report="aa" * 32, boundary="the works", guideline="CETS-AG-03.01", uncovered="none"
)
LEAVES = casework.Leaves(report=b"\x01" * 32, verdict=b"\x02" * 32)


def _report(coal: str) -> Report:
    built = build_report(
        year=2018,
        period_from="2018-01-01T00:00:00+08:00",
        period_to="2019-01-01T00:00:00+08:00",
        activities=[
            Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(coal), "t"),
            Activity("power", LineKind.ELECTRICITY, "ets_constant/2021", Decimal(100), "MWh"),
        ],
        factor_set=STEEL,
        obligation_base="direct",
    )
    return msgspec.convert(built.body, Report)


def test_an_approval_repeats_the_reports_totals() -> None:
    report = _report("13128.71")
    body = casework.approve(report, EXAMINED)
    assert (body.conclusion, body.verified, body.adjustments) == ("approved", report.totals, ())


def test_a_correction_has_the_totals_of_the_report_as_it_should_have_been() -> None:
    report, right = _report("13128.71"), _report("13056.45")
    line = next(line for line in right.lines if line.id == "coal")
    adjustment = Adjustment(line="coal", replacement=line, reason="a delivery counted twice", basis="evidence")
    body = casework.correct(report, EXAMINED, [adjustment], STEEL)
    assert (body.conclusion, body.verified) == ("corrected", right.totals)


def test_a_rejection_has_no_totals_and_nothing_to_register() -> None:
    body = casework.reject(EXAMINED)
    assert (body.conclusion, body.verified) == ("rejected", None)
    key = PrivateKey.generate(Algorithm.ES256K)
    with pytest.raises(ValueError, match="no figure"):
        casework.register(DOMAIN, key, body, LEAVES, "bb" * 32, enterprise=ENTERPRISE, year=2018, revision=1)


def test_a_registration_is_signed_over_exactly_its_figure_and_both_leaves() -> None:
    key = PrivateKey.generate(Algorithm.ES256K)
    verdict = casework.approve(_report("100"), EXAMINED)
    body = casework.register(DOMAIN, key, verdict, LEAVES, "bb" * 32, enterprise=ENTERPRISE, year=2018, revision=2)
    assert verdict.verified is not None
    assert (body.tonnes, body.revision) == (verdict.verified.obligation_tonnes, 2)
    signature, words = bytes.fromhex(body.signature[2:]), (account_id(ENTERPRISE), 2018, body.tonnes)
    digest = verified_emissions_digest(DOMAIN, *words, LEAVES.report, LEAVES.verdict, 2)
    assert recover(digest, signature) == key.public.evm_address
    other = verified_emissions_digest(DOMAIN, *words, LEAVES.verdict, LEAVES.report, 2)
    assert recover(other, signature) != key.public.evm_address


def test_only_a_key_of_the_chain_signs_a_figure() -> None:
    verdict = casework.approve(_report("100"), EXAMINED)
    key = PrivateKey.generate(Algorithm.ED25519)
    with pytest.raises(KeyRefused):
        casework.register(DOMAIN, key, verdict, LEAVES, "bb" * 32, enterprise=ENTERPRISE, year=2018, revision=1)


def test_a_draw_commits_to_a_secret_that_nobody_repeats() -> None:
    candidates = ["88.608.2002/B", "88.608.2001/A"]
    days, until = ("2026-01-01", "2026-04-01"), "2026-01-02T00:00:00Z"
    opened, secret = casework.open_draw(ENTERPRISE, 2018, candidates, days, until)
    _, another = casework.open_draw(ENTERPRISE, 2018, candidates, days, until)
    assert secret != another
    assert opened.candidates == tuple(sorted(candidates))
    assert bytes.fromhex(opened.commitment) == hashlib.sha256(secret).digest() == commitment_of(secret)


@pytest.mark.parametrize("contribution", [None, b"\x07" * 32])
def test_the_opened_secret_names_whom_both_sides_bytes_chose(contribution: bytes | None) -> None:
    opened, secret = casework.open_draw(
        ENTERPRISE, 2018, ["v/1", "v/2", "v/3"], ("2026-01-01", "2026-04-01"), "2026-01-02T00:00:00Z"
    )
    drawn = casework.draw(opened, "cc" * 32, secret, contribution)
    place = choose(b"\xcc" * 32, secret, contribution, 3)
    assert (drawn.verifier, drawn.secret) == (opened.candidates[place], secret.hex())


def test_differences_make_of_one_report_the_other() -> None:
    report, right = _report("13128.71"), _report("13056.45")
    power, coal = right.lines[1], right.lines[0]
    without = msgspec.structs.replace(right, lines=(coal,))
    adjustments = casework.differences(report, without, "as the tickets have it", "evidence")
    assert [(one.line, one.replacement) for one in adjustments] == [("coal", coal), (power.id, None)]
    assert apply_adjustments(report, adjustments).lines == without.lines
    assert casework.differences(report, report, "none", "evidence") == ()
