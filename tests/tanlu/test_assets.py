"""What is signed about units follows from the body alone, by a key that the contract will take (DOMAIN 22, 23)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from attestation.bodies import CancelUnits, SetPrice
from attestation.errors import AttestationError
from attestation.instants import parse_instant
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.signed_operations import intent_message
from attestation.typed_data import recover
from ledger.trust import Trust
from tanlu import assets
from tanlu.keyring import Card, HeldKey

from .conftest import World

WORKS, OTHER, PERSON = "88.608.5288/A", "88.608.5289/B", "88.608.1/WANG"
BEFORE = parse_instant("2027-01-01T00:00:00+08:00")
INTENTS = [
    assets.surrender(2025, "quota-2025", 7, BEFORE),
    assets.surrender(2025, "ccer", 7, BEFORE),
    assets.carry_over(2025, 7, BEFORE),
    assets.retire("quota-2025", 7, BEFORE),
    assets.give_back(2025, 7, BEFORE),
]
GROUNDS: dict[str, Any] = {"op_id": "01" * 32, "document_hash": "02" * 32, "reason": "order 7", "approvals": ()}
CANCEL = CancelUnits(account=WORKS, asset="quota-2025", tonnes=7, **GROUNDS)
PRICE = SetPrice(year=2025, fen_per_tonne=6_000, **GROUNDS)


@pytest.fixture
def trust(world: World) -> Trust:
    addresses = {"emissions_registry": 3, "carbon_ledger": 4, "compliance": 5, "credit_scores": 6}
    return replace(world.trust, **{name: bytes([number]) * 20 for name, number in addresses.items()})


def held(
    identifier: str = WORKS, purposes: Purpose = Purpose.ASSET, algorithm: Algorithm = Algorithm.ES256K
) -> HeldKey:
    key = PrivateKey.generate(algorithm)
    return HeldKey(Card(identifier, purposes, key.public), key)


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: intent.action)
def test_an_intent_is_signed_for_the_contract_that_checks_it_and_for_no_other_account(trust: Trust, intent) -> None:
    owner = held()
    signed = assets.sign_intent(trust, owner, intent)
    compact = bytes.fromhex(signed.signature.removeprefix("0x"))
    message = intent_message(signed, WORKS)
    assert recover(message.digest(assets.domain_of(trust, message)), compact) == owner.card.public.evm_address
    for another in (intent_message(signed, OTHER), intent_message(msgspec.structs.replace(signed, tonnes=8), WORKS)):
        assert recover(another.digest(assets.domain_of(trust, another)), compact) != owner.card.public.evm_address


def test_each_act_has_an_operation_of_its_own() -> None:
    assert len({assets.new_operation() for _ in range(100)}) == 100
    assert assets.retire("ccer", 1, BEFORE).op_id != assets.retire("ccer", 1, BEFORE).op_id


def test_obligations_are_signed_in_another_domain_than_units(trust: Trust) -> None:
    units, price = assets.message_of("holding", CANCEL), assets.message_of("compliance", PRICE)
    assert assets.domain_of(trust, units) == trust.ledger_domain
    assert assets.domain_of(trust, price) == trust.compliance_domain != trust.ledger_domain


@pytest.mark.parametrize(
    ("owner", "rule"),
    [
        (held(algorithm=Algorithm.ED25519), "key.algorithm"),
        (held(purposes=Purpose.STATEMENT | Purpose.ADMINISTRATION), "purpose.key"),
    ],
)
def test_another_key_than_one_for_assets_moves_nothing(trust: Trust, owner: HeldKey, rule: str) -> None:
    with pytest.raises(AttestationError) as caught:
        assets.sign_intent(trust, owner, INTENTS[0])
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("person", "rule"),
    [
        (held(PERSON, Purpose.ADMINISTRATION, Algorithm.ED25519), "key.algorithm"),
        (held(PERSON, Purpose.ASSET), "approval.purpose"),
    ],
)
def test_another_key_than_one_for_administration_approves_nothing(trust: Trust, person: HeldKey, rule: str) -> None:
    with pytest.raises(AttestationError) as caught:
        assets.approve(trust, person, assets.message_of("holding", CANCEL))
    assert caught.value.rule == rule


def test_without_contracts_nothing_is_signed(world: World) -> None:
    for signing in (
        lambda: assets.sign_intent(world.trust, held(), INTENTS[0]),
        lambda: assets.sign_intent(world.trust, held(), INTENTS[3]),
        lambda: assets.approve(
            world.trust, held(PERSON, Purpose.ADMINISTRATION), assets.message_of("compliance", PRICE)
        ),
    ):
        with pytest.raises(AttestationError) as caught:
            signing()
        assert caught.value.rule == "asset.no_contract"
