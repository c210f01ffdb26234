"""A determination goes from hand to hand as files, and each person's word is over its figure alone (DOMAIN 10)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from attestation.bodies import Approval, Determination
from attestation.errors import AttestationError
from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import emissions_determination_digest, recover
from ledger.trust import Trust
from tanlu import casework
from tanlu.determining import make_request, read_approval, read_request, require_unlogged
from tanlu.errors import InputRefused
from tanlu.trustfile import load_trust

PERSON, OTHER = "88.608.1/WANG", "88.608.2/LI"
FIGURE = Determination(
    enterprise="88.608.5289/B",
    year=2018,
    tonnes=1200,
    revision=1,
    cause="no-report",
    method="capacity",
    document_hash="ab" * 32,
    reason="no report came",
    approvals=(),
)


@pytest.fixture
def trust(trust_file: Path) -> Trust:
    return replace(load_trust(trust_file), emissions_registry=b"\x33" * 20)


def requested(folder: Path, trust: Trust, **lies: object) -> Path:
    path = folder / "request.json"
    path.write_text(json.dumps(make_request(trust, FIGURE) | lies))
    return path


def approved(trust: Trust, person: str = PERSON, **other: Any) -> tuple[PrivateKey, str]:
    key = PrivateKey.generate(Algorithm.ES256K)
    figure = msgspec.structs.replace(FIGURE, **other)
    approval = casework.approve_determination(trust.emissions_domain, person, Purpose.ADMINISTRATION, key, figure)
    return key, approval.signature


def test_what_was_requested_is_read(tmp_path: Path, trust: Trust) -> None:
    assert read_request(requested(tmp_path, trust), trust) == FIGURE


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        ({"log": "another/log"}, "request.log"),
        ({"type": "x"}, "determination.request"),
        ({"body": {}}, "determination.request"),
    ],
)
def test_another_file_is_no_request(tmp_path: Path, trust: Trust, lie: dict[str, object], rule: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_request(requested(tmp_path, trust, **lie), trust)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [("tonnes", -1, "body.integer"), ("revision", 0, "body.integer"), ("document_hash", "ab", "bytes32.format")],
)
def test_what_the_log_refuses_by_its_form_is_never_asked_to_be_approved(
    trust: Trust, member: str, value: object, rule: str
) -> None:
    with pytest.raises(AttestationError) as caught:
        make_request(trust, msgspec.structs.replace(FIGURE, **{member: value}))
    assert caught.value.rule == rule


def test_an_approval_is_over_the_figure(trust: Trust) -> None:
    key, signature = approved(trust)
    domain = trust.emissions_domain
    assert domain is not None
    words = (account_id(FIGURE.enterprise), FIGURE.year)
    digest = emissions_determination_digest(domain, *words, 1200, bytes.fromhex(FIGURE.document_hash), 1)
    other = emissions_determination_digest(domain, *words, 1201, bytes.fromhex(FIGURE.document_hash), 1)
    assert recover(digest, bytes.fromhex(signature[2:])) == key.public.evm_address
    assert recover(other, bytes.fromhex(signature[2:])) != key.public.evm_address


@pytest.mark.parametrize(
    ("algorithm", "purposes", "rule"),
    [
        (Algorithm.ED25519, Purpose.ADMINISTRATION, "key.algorithm"),
        (Algorithm.ES256K, Purpose.STATEMENT, "approval.purpose"),
    ],
)
def test_only_a_person_with_a_key_of_the_chain_approves(
    trust: Trust, algorithm: Algorithm, purposes: Purpose, rule: str
) -> None:
    with pytest.raises(AttestationError) as caught:
        casework.approve_determination(trust.emissions_domain, PERSON, purposes, PrivateKey.generate(algorithm), FIGURE)
    assert caught.value.rule == rule


def test_without_a_contract_nothing_is_approved() -> None:
    key = PrivateKey.generate(Algorithm.ES256K)
    with pytest.raises(AttestationError) as caught:
        casework.approve_determination(None, PERSON, Purpose.ADMINISTRATION, key, FIGURE)
    assert caught.value.rule == "registration.no_registry"


def test_approvals_stand_in_one_order(tmp_path: Path, trust: Trust) -> None:
    approvals = []
    for number, person in enumerate((OTHER, PERSON)):
        path = tmp_path / f"{number}.json"
        _, signature = approved(trust, person)
        document = {"v": 1, "type": "determination-approval", "log": trust.log}
        path.write_text(json.dumps(document | {"identifier": person, "signature": signature}))
        approvals.append(read_approval(path, trust.log))
    whole = casework.determine(FIGURE, approvals)
    assert [one.identifier for one in whole.approvals] == [PERSON, OTHER]
    assert whole == casework.determine(FIGURE, approvals[::-1])


def test_what_is_logged_already_is_said_so_by_its_entry_whoever_approved_it() -> None:
    """DOMAIN 10: a second submission of one determination is no conflict of revisions."""
    logged = msgspec.structs.replace(FIGURE, approvals=(Approval(identifier=PERSON, signature="0x" + "07" * 64),))
    with pytest.raises(InputRefused) as caught:
        require_unlogged(FIGURE, [(7, logged)])
    assert (caught.value.rule, caught.value.value) == ("determination.logged", "entry 7")
    require_unlogged(msgspec.structs.replace(FIGURE, revision=2), [(7, logged)])
