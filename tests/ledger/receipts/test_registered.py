"""A registered figure is what its report, its verification and the verifier's signature led to, or it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from attestation.bodies.verdicts import Verification
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import FactorSetRef, Report, ReportPeriod, Totals
from attestation.typed_data import sign_compact_digest, verified_emissions_digest
from ledger.errors import ChainUnavailable, ReceiptRefused
from ledger.merkle import leaf_hash
from ledger.receipts import EmissionsOnChain, FigureWords, RegisteredFigure, verify_registered

BUREAU = "88.608.778/bureau"
YEAR, TONNES = 2023, 38_942
SIGNER, WORKS_KEY, REPORT, VERDICT, REJECTED, OTHER, SECOND = 41, 1, 42, 43, 44, 45, 46
REGISTRY = b"\x13" * 20


def totals(tonnes: int) -> Totals:
    return Totals(scope1="0.00", scope2="0.00", obligation_base="direct", obligation_tonnes=tonnes)


@pytest.fixture(scope="module")
def case(recipe: ModuleType) -> Any:
    """The vectors' log, and after it a verifier, a report, verdicts on it, and another report."""

    class Case(recipe.Evidence):  # type: ignore[name-defined,misc]  # a class of a module that is loaded by its path
        auditor, second = (PrivateKey(Algorithm.ES256K, number.to_bytes(32)) for number in (901, 903))

        def key_life(self) -> list[bytes]:
            enrolled = self.enrolment(self.auditor, BUREAU, Kind.VERIFIER, Purpose.STATEMENT, 16)
            report = self.reported(2, 39_105)
            verdicts = [self.verdict(1, report, TONNES), self.verdict(2, report, None)]
            more = self.enrolment(self.second, BUREAU, Kind.VERIFIER, Purpose.STATEMENT, 17)
            return [*super().key_life(), enrolled, report, *verdicts, self.reported(3, 1), more]

        def reported(self, seq: int, tonnes: int) -> bytes:
            body = Report(
                year=YEAR,
                period=ReportPeriod(start="2023-01-01T00:00:00+08:00", end="2024-01-01T00:00:00+08:00"),
                factor_set=FactorSetRef(id="example", version="1"),
                lines=(),
                totals=totals(tonnes),
            )
            return bytes(self.entry("report", recipe.WORKS, self.works, seq, body))

        def verdict(self, seq: int, report: bytes, tonnes: int | None) -> bytes:
            named = examine(report, self.origin).statement_id.hex()
            body = Verification(
                report=named,
                initial_report=named,
                boundary="the works",
                guideline="guide 2024",
                conclusion="rejected" if tonnes is None else "corrected",
                adjustments=(),
                verified=None if tonnes is None else totals(tonnes),
                nonconformities=(),
                uncovered="nothing",
            )
            return bytes(self.entry("verification", BUREAU, self.auditor, seq, body))

        def leaf(self, index: int) -> bytes:
            return leaf_hash(self.entries[index])

        def words(self, *, by: PrivateKey | None = None, **change: Any) -> FigureWords:
            parts = {"enterprise": recipe.WORKS, "year": YEAR, "tonnes": TONNES, "revision": 1, **change}
            digest = verified_emissions_digest(
                self.trust.emissions_domain,
                *(account_id(parts["enterprise"]), parts["year"], parts["tonnes"]),
                *(self.leaf(REPORT), self.leaf(VERDICT), parts["revision"]),
            )
            return FigureWords(**parts, signature=sign_compact_digest(digest, by or self.auditor))

        def standing(self, **change: Any) -> EmissionsOnChain:
            told = EmissionsOnChain(
                TONNES, 1, False, account_id(BUREAU), self.leaf(REPORT), self.leaf(VERDICT), recipe.NOW
            )
            return replace(told, **change)

    made = Case()
    made.trust = replace(made.trust, emissions_registry=REGISTRY)
    return made


@pytest.fixture
def judge(recipe: ModuleType, case: Any) -> Callable[..., RegisteredFigure]:
    class Chain(recipe.MemoryChain):  # type: ignore[name-defined,misc]  # as above
        figure: EmissionsOnChain | None = None
        deployment: bytes | None = None

        def deployment_id(self, contract: bytes) -> bytes:
            own = self.log.deployment_id
            return bytes(own if contract != REGISTRY else self.deployment or own)

        def emissions(self, registry: bytes, account: bytes, year: int, block: int) -> EmissionsOnChain | None:
            assert (registry, block) == (REGISTRY, 80)
            return self.figure if (account, year) == (account_id(recipe.WORKS), YEAR) else None

    def judged(
        words: FigureWords | None = None,
        *,
        report: int = REPORT,
        verdict: int = VERDICT,
        figure: EmissionsOnChain | None = None,
        nothing: bool = False,
        trust: Any = None,
        deployment: bytes | None = None,
        ended: Any = None,
    ) -> RegisteredFigure:
        chain = Chain(case, ended=ended)
        chain.figure = None if nothing else figure or case.standing()
        chain.deployment = deployment
        signer = {REPORT: WORKS_KEY, OTHER: WORKS_KEY}
        receipts = [case.receipt(index, signer.get(index, SIGNER)) for index in (report, verdict)]
        return verify_registered(*receipts, words or case.words(), trust or case.trust, chain)

    return judged


def test_a_figure_that_the_contract_holds_is_accepted(case: Any, judge: Callable[..., RegisteredFigure]) -> None:
    """DOMAIN 44: reported 39,105 t, verified and registered 38,942 t."""
    found = judge()
    assert (found.report.index, found.verification.index, found.verifier) == (REPORT, VERDICT, BUREAU)
    assert (found.on_chain, found.block) == (case.standing(), 80)


@pytest.mark.parametrize(
    ("step", "rule", "change"),
    [
        (10, "registered.report", {"report": VERDICT}),
        (10, "registered.verification", {"verdict": REPORT}),
        (10, "registered.verification.report", {"report": OTHER}),
        (10, "registered.conclusion", {"verdict": REJECTED}),
        (12, "chain.emissions", {"nothing": True}),
        (12, "chain.deployment-id", {"deployment": b"\x01" * 32}),
        (11, "receipt.key.compromised", {"ended": {SIGNER: (50, 43)}}),
    ],
    ids=["report", "verification", "another report", "rejected", "nothing", "another deployment", "compromised"],
)
def test_what_does_not_belong_together_is_refused(
    judge: Callable[..., RegisteredFigure], step: int, rule: str, change: dict[str, Any]
) -> None:
    with pytest.raises(ReceiptRefused) as refused:
        judge(**change)
    # A key that is flagged where the verification itself stands is refused by its receipt already.
    assert (refused.value.rule, refused.value.step) == (rule, 9 if "ended" in change else step)
    assert refused.value.message_zh


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("registered.tonnes", {"tonnes": TONNES - 1}),
        ("registered.year", {"year": YEAR + 1}),
        ("registered.enterprise", {"enterprise": BUREAU}),
    ],
)
def test_words_of_another_figure_are_refused_though_they_are_signed(
    case: Any, judge: Callable[..., RegisteredFigure], rule: str, change: dict[str, Any]
) -> None:
    with pytest.raises(ReceiptRefused) as refused:
        judge(case.words(**change))
    assert (refused.value.rule, refused.value.step) == (rule, 10)


def test_words_that_the_verifier_did_not_sign_are_refused(case: Any, judge: Callable[..., RegisteredFigure]) -> None:
    """DOMAIN 8: the enterprise's meter signs what the verifier should have."""
    for wrong in (
        case.words(by=case.meter),
        case.words(by=PrivateKey(Algorithm.ES256K, (902).to_bytes(32))),
        replace(case.words(), revision=2),
    ):
        with pytest.raises(ReceiptRefused) as refused:
            judge(wrong)
        assert (refused.value.rule, refused.value.step) == ("registered.signature", 11)
    with pytest.raises(ReceiptRefused) as refused:
        judge(replace(case.words(), signature=bytes(64)))
    assert (refused.value.rule, refused.value.step) == ("signature.invalid", 11)


def test_another_key_of_the_verifier_may_sign_the_words_unless_it_is_flagged_there(
    case: Any, judge: Callable[..., RegisteredFigure]
) -> None:
    words = case.words(by=case.second)
    assert judge(words, ended={SECOND: (60, VERDICT + 1)}).on_chain.tonnes == TONNES
    with pytest.raises(ReceiptRefused) as refused:
        judge(words, ended={SECOND: (60, VERDICT)})
    assert (refused.value.rule, refused.value.step) == ("receipt.key.compromised", 11)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("tonnes", TONNES + 1),
        ("determined", True),
        ("verifier", b"\x01" * 32),
        ("report_leaf", b"\x01" * 32),
        ("statement_leaf", b"\x01" * 32),
        ("revision", 2),
    ],
    ids=["tonnes", "determined", "verifier", "report", "statement", "revision"],
)
def test_another_figure_in_the_contract_is_refused(
    case: Any, judge: Callable[..., RegisteredFigure], member: str, value: object
) -> None:
    with pytest.raises(ReceiptRefused) as refused:
        judge(figure=case.standing(**{member: value}))
    assert refused.value.step == 12
    assert refused.value.rule == f"chain.emissions.{member.removesuffix('_leaf')}"
    if member == "revision":
        assert "later version" in refused.value.message


def test_a_trust_file_without_the_contract_judges_no_figure(case: Any, judge: Callable[..., RegisteredFigure]) -> None:
    with pytest.raises(ReceiptRefused, match="names no emissions registry"):
        judge(trust=replace(case.trust, emissions_registry=None))


def test_a_chain_that_does_not_answer_decides_nothing(
    recipe: ModuleType, case: Any, judge: Callable[..., RegisteredFigure], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_self: Any) -> int:
        raise ChainUnavailable("away", rule="chain.unavailable", value="", expected="", message_zh="无应答")

    monkeypatch.setattr(recipe.MemoryChain, "head_block", away)
    with pytest.raises(ChainUnavailable):
        judge()
