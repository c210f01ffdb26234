"""A device's parent: the log and the contract accept the same kinds, or an accepted enrolment would end refused."""

from __future__ import annotations

from typing import Any

import pytest

from attestation.judging.enrolment import PARENTS_BY_KIND
from attestation.keys import Algorithm, Kind, PrivateKey
from ledger.chain.contracts import IDENTIFIER_REGISTRY, IdentifierRegistry
from ledger.chain.errors import ContractRefused
from ledger.chain.intents import EnrolIntent
from ledger.chain.signing import account_address
from ledger.effects.keys import _KIND_NUMBERS

pytestmark = pytest.mark.chain


def intent(identifier: str, kind: Kind, parent: str | None) -> EnrolIntent:
    key = PrivateKey.generate(Algorithm.ED25519).public
    return EnrolIntent(identifier, _KIND_NUMBERS[kind], parent, None, 1, 1, key.raw, bytes([1]) * 32, 0)


@pytest.mark.parametrize("parent_kind", [Kind.PARK, Kind.ENTERPRISE, Kind.VERIFIER, Kind.REGULATOR, Kind.PERSON])
def test_the_contract_takes_a_device_under_the_kinds_that_the_log_takes(world: Any, parent_kind: Kind) -> None:
    parent = f"88.608.9/{parent_kind.value}"
    world.enrol(intent(parent, parent_kind, None))
    world.settle(world.relayer())
    registry = IdentifierRegistry(world.rpc, world.deploy().addresses[IDENTIFIER_REGISTRY])
    data = registry.tell(bytes([9]) * 32, intent("88.608.9/meter", Kind.DEVICE, parent))
    sender = account_address(world.relayer_account)
    if parent_kind in PARENTS_BY_KIND[Kind.DEVICE]:
        registry.try_call(data, sender=sender)
    else:
        with pytest.raises(ContractRefused, match="DeviceParentInvalid"):
            registry.try_call(data, sender=sender)
