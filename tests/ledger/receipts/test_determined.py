"""A determined figure is what two persons approved and the contract holds, or it is refused (DOMAIN 10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from attestation.bodies import Approval, Determination
from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.typed_data import emissions_determination_digest, sign_compact_digest
from ledger.errors import ReceiptRefused
from ledger.merkle import leaf_hash
from ledger.receipts import DeterminedFigure, EmissionsOnChain, verify_determined

WANG, LI = "88.608.100/wang", "88.608.777/li"
YEAR, TONNES, DOCUMENT = 2023, 1_200, b"\x5d" * 32
WANGS, LIS, GOOD, ALTERED, ONE_PERSON, STRANGER, PERSONS = range(41, 48)
ROOT_KEY = 0
REGISTRY = b"\x13" * 20


@pytest.fixture(scope="module")
def case(recipe: ModuleType) -> Any:
    """The vectors' log, and after it two persons, a determination, and some that are none."""

    class Case(recipe.Evidence):  # type: ignore[name-defined,misc]  # a class of a module that is loaded by its path
        wang, li, stranger = (PrivateKey(Algorithm.ES256K, number.to_bytes(32)) for number in (911, 912, 913))

        def key_life(self) -> list[bytes]:
            persons = [
                self.enrolment(key, name, Kind.PERSON, Purpose.ADMINISTRATION, seq)
                for key, name, seq in ((self.wang, WANG, 16), (self.li, LI, 17))
            ]
            both = ((WANG, self.wang), (LI, self.li))
            said = [
                self.determined(1, both),
                self.determined(2, both, tonnes=TONNES + 1),
                self.determined(3, ((WANG, self.wang), (WANG, self.wang))),
                self.determined(4, ((WANG, self.wang), (LI, self.stranger))),
                self.determined(1, both, iss=WANG, by=self.wang),
            ]
            return [*super().key_life(), *persons, *said]

        def determined(
            self,
            seq: int,
            approving: tuple[tuple[str, PrivateKey], ...],
            *,
            tonnes: int = TONNES,
            iss: str = recipe.PARK,
            by: PrivateKey | None = None,
        ) -> bytes:
            trust = replace(self.trust, emissions_registry=REGISTRY)
            digest = emissions_determination_digest(
                trust.emissions_domain, account_id(recipe.WORKS), YEAR, TONNES, DOCUMENT, 1
            )
            body = Determination(
                enterprise=recipe.WORKS,
                year=YEAR,
                tonnes=tonnes,
                revision=1,
                cause="no-report",
                method="capacity",
                document_hash=DOCUMENT.hex(),
                reason="no report came",
                approvals=tuple(
                    Approval(identifier=name, signature="0x" + sign_compact_digest(digest, key).hex())
                    for name, key in approving
                ),
            )
            return bytes(self.entry("determination", iss, by or self.registrar, seq, body))

        def standing(self, index: int = GOOD, **change: Any) -> EmissionsOnChain:
            leaf = leaf_hash(self.entries[index])
            return replace(EmissionsOnChain(TONNES, 1, True, None, None, leaf, recipe.NOW), **change)

    made = Case()
    made.trust = replace(made.trust, emissions_registry=REGISTRY)
    return made


@pytest.fixture
def judge(recipe: ModuleType, case: Any) -> Callable[..., DeterminedFigure]:
    class Chain(recipe.MemoryChain):  # type: ignore[name-defined,misc]  # as above
        figure: EmissionsOnChain | None = None

        def deployment_id(self, contract: bytes) -> bytes:
            return bytes(self.log.deployment_id)

        def emissions(self, registry: bytes, account: bytes, year: int, block: int) -> EmissionsOnChain | None:
            assert (registry, block) == (REGISTRY, 80)
            return self.figure if (account, year) == (account_id(recipe.WORKS), YEAR) else None

    def judged(
        index: int = GOOD,
        *,
        year: int = YEAR,
        figure: EmissionsOnChain | None = None,
        nothing: bool = False,
        ended: Any = None,
    ) -> DeterminedFigure:
        chain = Chain(case, ended=ended)
        chain.figure = None if nothing else figure or case.standing(index)
        receipt = case.receipt(index, WANGS if index == PERSONS else ROOT_KEY)
        return verify_determined(receipt, recipe.WORKS, year, case.trust, chain)

    return judged


def test_a_determination_that_the_contract_holds_is_accepted(case: Any, judge: Callable[..., DeterminedFigure]) -> None:
    found = judge()
    assert (found.words.tonnes, found.on_chain, found.block) == (TONNES, case.standing(), 80)
    assert WANG in found.checked[1].text
    assert LI in found.checked[1].text_zh
    # What no node tells is not passed over in silence.
    assert any("two different bodies" in one.text for one in found.not_checked)


@pytest.mark.parametrize(
    ("step", "rule", "change"),
    [
        (10, "registered.determination", {"index": WANGS}),
        (6, "receipt.entry.registrar", {"index": PERSONS}),
        (10, "registered.year", {"year": YEAR + 1}),
        (11, "approval.signature", {"index": ALTERED}),
        (11, "approval.same_person", {"index": ONE_PERSON}),
        (11, "approval.signature", {"index": STRANGER}),
        (11, "approval.revoked", {"ended": {WANGS: (GOOD - 1, None)}}),
        (11, "receipt.key.compromised", {"ended": {LIS: (60, GOOD)}}),
        (12, "chain.emissions", {"nothing": True}),
    ],
    ids=["type", "registrar", "year", "tonnes", "one person", "stranger", "revoked", "compromised", "nothing"],
)
def test_what_two_persons_did_not_determine_is_refused(
    judge: Callable[..., DeterminedFigure], step: int, rule: str, change: dict[str, Any]
) -> None:
    with pytest.raises(ReceiptRefused) as refused:
        judge(**change)
    assert (refused.value.rule, refused.value.step) == (rule, step)
    assert refused.value.message_zh


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("tonnes", TONNES + 1),
        ("revision", 2),
        ("determined", False),
        ("verifier", b"\x01" * 32),
        ("report_leaf", b"\x01" * 32),
        ("statement_leaf", b"\x01" * 32),
    ],
    ids=["tonnes", "revision", "determined", "verifier", "report", "statement"],
)
def test_another_figure_in_the_contract_is_refused(
    case: Any, judge: Callable[..., DeterminedFigure], member: str, value: object
) -> None:
    with pytest.raises(ReceiptRefused) as refused:
        judge(figure=case.standing(**{member: value}))
    assert (refused.value.rule, refused.value.step) == (f"chain.emissions.{member.removesuffix('_leaf')}", 12)
