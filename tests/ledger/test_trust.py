"""The trust file: one spelling for one set of beliefs, and no beliefs that cannot hold together."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import Domain
from ledger.chain.contracts import ACCESS_MANAGER, NAMES
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.errors import TrustMalformed
from ledger.trust import parse

GOOD = (Path(__file__).parents[1] / "vectors" / "receipts" / "trust.json").read_bytes()


def test_a_trust_file_formats_as_it_was_parsed() -> None:
    trust = parse(GOOD)
    assert trust.format() == GOOD
    assert parse(json.dumps(dict(reversed(json.loads(GOOD).items()))).encode()) == trust
    assert trust.checkpoint_domain.verifying_contract == trust.evidence_log
    assert trust.registry_domain.verifying_contract == trust.identifier_registry
    assert trust.checkpoint_domain.salt == trust.deployment_id


def test_a_trust_file_may_name_an_emissions_registry_and_need_not() -> None:
    """Files from before there were emissions on chain stay good, byte for byte."""
    without = json.loads(GOOD)
    without["contracts"].pop("emissions_registry", None)
    older = parse(json.dumps(without).encode())
    assert older.emissions_registry is older.emissions_domain is None
    assert "emissions_registry" not in json.loads(older.format())["contracts"]
    newer = replace(older, emissions_registry=b"\x13" * 20)
    assert parse(newer.format()) == newer
    assert newer.emissions_domain == Domain(newer.chain_id, b"\x13" * 20, newer.deployment_id)


LATER = {"emissions_registry": b"\x13" * 20, "carbon_ledger": b"\x14" * 20, "compliance": b"\x15" * 20}


def test_a_trust_file_may_name_what_moves_units_and_need_not() -> None:
    """Files from before there were units and obligations on chain stay good."""
    without = json.loads(GOOD)
    for name in (*LATER, "credit_scores", "exchange"):
        without["contracts"].pop(name, None)
    older = replace(parse(json.dumps(without).encode()), emissions_registry=LATER["emissions_registry"])
    assert parse(older.format()) == older
    assert older.ledger_domain is older.compliance_domain is None
    newer = replace(older, **LATER, credit_scores=b"\x16" * 20)
    assert parse(newer.format()) == newer
    assert newer.ledger_domain == Domain(newer.chain_id, b"\x14" * 20, newer.deployment_id)
    assert newer.compliance_domain == Domain(newer.chain_id, b"\x15" * 20, newer.deployment_id)
    assert newer.contracts["Compliance"] == newer.compliance
    assert newer.exchange_domain is None


def test_a_trust_file_may_name_an_exchange_and_need_not() -> None:
    """Files from before there was a market on chain stay good; the exchange holds what the others account for."""
    without = json.loads(GOOD)
    without["contracts"].pop("exchange", None)
    older = replace(parse(json.dumps(without).encode()), **LATER, credit_scores=b"\x16" * 20)
    assert parse(older.format()) == older
    assert older.exchange is older.exchange_domain is None
    newer = replace(older, exchange=b"\x17" * 20)
    assert parse(newer.format()) == newer
    assert newer.exchange_domain == Domain(newer.chain_id, b"\x17" * 20, newer.deployment_id)
    assert {*newer.contracts, ACCESS_MANAGER} == {*NAMES, "Exchange"}


@pytest.mark.parametrize("missing", [*LATER, "credit_scores"])
@pytest.mark.parametrize("exchange", [{}, {"exchange": b"\x17" * 20}], ids=["units", "market"])
def test_units_obligations_and_scores_are_named_together_and_rest_on_emissions(
    missing: str, exchange: dict[str, bytes]
) -> None:
    document = json.loads(GOOD)
    named = {**LATER, "credit_scores": b"\x16" * 20, **exchange}
    for name, address in named.items():
        document["contracts"][name] = to_checksum_address(address)
    del document["contracts"][missing]
    with pytest.raises(TrustMalformed) as refused:
        parse(json.dumps(document).encode())
    assert refused.value.rule == "trust.contracts"


def signer(kind: SignatureKind, name: str, seed: int = 77) -> str:
    return str(SignerKey(name, kind, PrivateKey(Algorithm.ED25519, bytes([seed]) * 32)).verifier)


@pytest.mark.parametrize(
    ("rule", "alter"),
    [
        ("trust", lambda t: t.pop("witnesses")),
        ("trust", lambda t: t.update(more=1)),
        ("trust.type", lambda t: t.update(v=2)),
        ("trust.v", lambda t: t.update(v=True)),
        ("trust.type", lambda t: t.update(type="receipt")),
        ("trust.log", lambda t: t.update(log="park.example/log")),
        ("trust.log", lambda t: t.update(log=5)),
        ("trust.deployment-id", lambda t: t.update(deployment_id="5b" * 32)),
        ("trust.deployment-id", lambda t: t.update(deployment_id="5A" * 32)),
        ("trust.log-key", lambda t: t.update(log_key="nonsense")),
        ("trust.log-key", lambda t: t.update(log_key=signer(SignatureKind.ED25519, "other.example/log"))),
        ("trust.log-key", lambda t: t.update(log_key=signer(SignatureKind.COSIGNATURE, t["log"]))),
        ("trust.witnesses", lambda t: t.update(witnesses={})),
        ("trust.witnesses", lambda t: t["witnesses"].append(t["witnesses"][0])),
        ("trust.witnesses", lambda t: t["witnesses"].append(signer(SignatureKind.ED25519, "w"))),
        ("trust.witness-quorum", lambda t: t.update(witness_quorum=0)),
        ("trust.witness-quorum", lambda t: t.update(witness_quorum=3)),
        ("trust.witness-quorum", lambda t: t.update(witness_quorum=True)),
        ("trust.witness-quorum", lambda t: t.update(witnesses=[])),
        ("trust.registrar", lambda t: t["registrar"].update(identifier="no identifier")),
        ("trust.registrar", lambda t: t["registrar"].update(jwk=5)),
        ("trust.registrar", lambda t: t["registrar"]["jwk"].update(d="secret")),
        ("trust.registrar", lambda t: t["registrar"]["jwk"].update(x="AAAA")),
        ("trust.chain-id", lambda t: t.update(chain_id=0)),
        ("trust.json", lambda t: t.update(chain_id=2**53)),
        ("trust.contracts", lambda t: t["contracts"].pop("evidence_log")),
        ("trust.contracts", lambda t: t["contracts"].update(evidence_log=t["contracts"]["identifier_registry"])),
        ("trust.contracts", lambda t: t["contracts"].update(evidence_log="0x" + "ab" * 20)),
        ("trust.address", lambda t: t["contracts"].update(evidence_log="0x" + "00" * 20)),
        ("trust.contracts", lambda t: t["contracts"].update(emissions_registry=t["contracts"]["evidence_log"])),
        ("trust.contracts", lambda t: t["contracts"].update(emissions_registry=5)),
        ("trust.contracts", lambda t: t["contracts"].update(emissions="0x" + "12" * 20)),
        ("trust.address", lambda t: t["contracts"].update(emissions_registry="0x" + "00" * 20)),
        ("trust.cosigners", lambda t: t["cosigners"].append(t["cosigners"][0])),
        ("trust.cosigners", lambda t: t["cosigners"].append("0x1234")),
        ("trust.cosigner-threshold", lambda t: t.update(cosigner_threshold=0)),
        ("trust.cosigner-threshold", lambda t: t.update(cosigner_threshold=9)),
    ],
)
def test_beliefs_that_cannot_hold_are_refused_with_the_rule(rule: str, alter: Callable[[dict[str, Any]], Any]) -> None:
    document = json.loads(GOOD)
    alter(document)
    with pytest.raises(TrustMalformed) as refusal:
        parse(json.dumps(document).encode())
    assert refusal.value.rule == rule


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"nonsense", GOOD[:-3], GOOD.replace(b'"v": 1', b'"v": 1, "v": 1'), b" " * 70_000 + GOOD]
)
def test_what_is_no_trust_file_is_refused(data: bytes) -> None:
    with pytest.raises(TrustMalformed):
        parse(data)


def test_a_log_that_witnesses_itself_is_no_quorum() -> None:
    trust = parse(GOOD)
    own = replace(trust.log_key, kind=SignatureKind.COSIGNATURE)
    with pytest.raises(TrustMalformed, match="other than the log's"):
        replace(trust, witnesses=(*trust.witnesses, own))


def test_a_key_that_is_no_point_is_refused() -> None:
    trust = parse(GOOD)
    with pytest.raises(TrustMalformed, match=r"trust\.key-point"):
        replace(trust, witnesses=(replace(trust.witnesses[0], material=b"\xff" * 32),), witness_quorum=1)
