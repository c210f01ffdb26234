"""An act of two persons goes from hand to hand as one kind of file; an altered one has no approval (DOMAIN 23)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from attestation.asset_messages import Freeze, Issue
from attestation.bodies import Allocation, AllocationShare, ConfirmFreeze, FreezeUnits, IssueUnits
from attestation.errors import AttestationError
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import recover
from ledger.trust import Trust
from tanlu import assets
from tanlu.errors import InputRefused
from tanlu.foreseeing import Unasked, foresee
from tanlu.keyring import Card, HeldKey
from tanlu.proposals import Proposal, check_document, make_approval, read_approval, read_proposal, write_proposal

from .conftest import PARK, World

PERSON, OTHER = "88.608.2/LI", "88.608.1/WANG"
DOCUMENT = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
"""SHA-256 of the bytes "hello"."""
ISSUE = IssueUnits(
    op_id="01" * 32, account=PARK, vintage=2025, tonnes=92_000, document_hash=DOCUMENT, reason="cap", approvals=()
)
FREEZE = FreezeUnits(
    op_id="03" * 32, account="88.608.5288/A", asset="quota-2025", tonnes=5, document_hash=DOCUMENT, reason="court"
)
ALLOCATION = Allocation(
    op_id="05" * 32,
    year=2025,
    round="final",
    reserve=PARK,
    document={},
    input_root="06" * 32,
    table=(AllocationShare(identifier="88.608.5288/A", granted=7, owes=0, settles=0),),
    tonnes=7,
    return_due="2026-10-29T00:00:00+08:00",
    approvals=(),
)
CONFIRM = Proposal("holding", ConfirmFreeze(freeze=FREEZE.op_id, approvals=()), FREEZE)


@pytest.fixture
def trust(world: World) -> Trust:
    addresses = {"emissions_registry": 3, "carbon_ledger": 4, "compliance": 5, "credit_scores": 6}
    return replace(world.trust, **{name: bytes([number]) * 20 for name, number in addresses.items()})


def person(identifier: str = PERSON) -> HeldKey:
    key = PrivateKey.generate(Algorithm.ES256K)
    return HeldKey(Card(identifier, Purpose.ADMINISTRATION, key.public), key)


def written(folder: Path, trust: Trust, proposal: Proposal, **changed: Any) -> Path:
    path = folder / "proposal.json"
    document = write_proposal(path, trust, proposal)
    path.write_text(json.dumps(document | changed))
    return path


@pytest.mark.parametrize(
    "proposal",
    [Proposal("holding", ISSUE), CONFIRM, Proposal("allocation", ALLOCATION)],
    ids=lambda proposal: proposal.action,
)
def test_what_was_proposed_is_read(tmp_path: Path, trust: Trust, proposal: Proposal) -> None:
    found = read_proposal(written(tmp_path, trust, proposal), trust)
    assert (found.type, found.message, found.op_id) == (proposal.type, proposal.message, proposal.op_id)


def test_whoever_confirms_an_emergency_freeze_signs_the_freeze_itself(trust: Trust) -> None:
    """DOMAIN 23: what two persons confirm is what was frozen, to the tonne."""
    assert isinstance(CONFIRM.message, Freeze)
    assert (CONFIRM.message.tonnes, CONFIRM.op_id) == (5, FREEZE.op_id)
    assert isinstance(Proposal("holding", ISSUE).message, Issue)


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        ({"log": "another/log"}, "request.log"),
        ({"type": "opening-request"}, "asset.proposal"),
        ({"statement": "report"}, "asset.proposal"),
        ({"body": {"action": "issue"}}, "asset.proposal"),
        ({"body": {"action": "lapse", "freeze": "03" * 32}}, "asset.proposal"),
        ({"freeze": {"action": "freeze"}}, "asset.proposal"),
    ],
)
def test_another_file_is_no_proposal(tmp_path: Path, trust: Trust, lie: dict[str, object], rule: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_proposal(written(tmp_path, trust, Proposal("holding", ISSUE), **lie), trust)
    assert caught.value.rule == rule


def test_the_confirmation_of_another_freeze_is_no_proposal(tmp_path: Path, trust: Trust) -> None:
    other = {"action": "confirm-freeze", "freeze": "04" * 32}
    with pytest.raises(InputRefused) as caught:
        read_proposal(written(tmp_path, trust, CONFIRM, body=other), trust)
    assert caught.value.rule == "asset.proposal"


def test_an_approval_is_over_the_very_act(tmp_path: Path, trust: Trust) -> None:
    proposal, held = Proposal("holding", ISSUE), person()
    approval = make_approval(held, trust, proposal)
    path = tmp_path / "approval.json"
    path.write_text(json.dumps(approval))
    read = read_approval(path, trust.log, proposal)
    compact = bytes.fromhex(read.signature.removeprefix("0x"))

    def signer(tonnes: int) -> bytes:
        message = assets.message_of("holding", IssueUnits(**{**_members(ISSUE), "tonnes": tonnes}))
        return recover(message.digest(assets.domain_of(trust, message)), compact)

    assert (signer(92_000), read.identifier) == (held.card.public.evm_address, PERSON)
    assert signer(92_001) != held.card.public.evm_address


def _members(body: Any) -> dict[str, Any]:
    return {name: getattr(body, name) for name in body.__struct_fields__}


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        ({"op_id": "05" * 32}, "asset.approval"),
        ({"log": "another/log"}, "request.log"),
        ({"type": "opening-approval"}, "asset.approval"),
        ({"signature": 7}, "asset.approval"),
        ({"signature": "0x07"}, "hex.format"),
    ],
)
def test_another_file_is_no_approval(tmp_path: Path, trust: Trust, lie: dict[str, object], rule: str) -> None:
    proposal = Proposal("holding", ISSUE)
    path = tmp_path / "approval.json"
    path.write_text(json.dumps(make_approval(person(), trust, proposal) | lie))
    with pytest.raises((InputRefused, AttestationError)) as caught:
        read_approval(path, trust.log, proposal)
    assert caught.value.rule == rule


def test_approvals_stand_in_one_order(trust: Trust, tmp_path: Path) -> None:
    proposal, approvals = Proposal("holding", ISSUE), []
    for number, identifier in enumerate((PERSON, OTHER)):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(make_approval(person(identifier), trust, proposal)))
        approvals.append(read_approval(path, trust.log, proposal))
    assert [one.identifier for one in proposal.approved(approvals).approvals] == [OTHER, PERSON]
    assert proposal.approved(approvals) == proposal.approved(approvals[::-1])


def test_a_person_compares_the_document_with_what_the_proposal_names(tmp_path: Path) -> None:
    document = tmp_path / "order.pdf"
    document.write_bytes(b"hello")
    check_document(Proposal("holding", ISSUE), document)
    document.write_bytes(b"hallo")
    for proposal, expected in (
        (Proposal("holding", ISSUE), DOCUMENT),
        (Proposal("allocation", ALLOCATION), "no document: what it rests on is in the proposal"),
    ):
        with pytest.raises(InputRefused) as caught:
            check_document(proposal, document)
        assert (caught.value.rule, caught.value.expected) == ("asset.document", expected)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"tonnes": 0}, "body.integer"),
        ({"vintage": 1}, "body.integer"),
        ({"account": "park"}, "identifier.form"),
        ({"op_id": "00" * 32}, "operation.form"),
        ({"document_hash": "00" * 32}, "bytes32.format"),
        ({"reason": ""}, "body.reason"),
    ],
)
def test_what_the_log_refuses_by_its_form_is_never_asked_to_be_approved(
    trust: Trust, changed: dict[str, object], rule: str
) -> None:
    body = IssueUnits(**{**_members(ISSUE), **changed})
    with pytest.raises(AttestationError) as caught:
        foresee(Proposal("holding", body), trust, Unasked(trust))
    assert caught.value.rule == rule


def test_of_good_form_nothing_is_refused_where_nobody_was_asked(trust: Trust) -> None:
    for proposal in (Proposal("holding", ISSUE), CONFIRM):
        foresee(proposal, trust, Unasked(trust))


def test_without_contracts_nothing_is_proposed(world: World) -> None:
    with pytest.raises(AttestationError) as caught:
        foresee(Proposal("holding", ISSUE), world.trust, Unasked(world.trust))
    assert caught.value.rule == "asset.no_contract"
