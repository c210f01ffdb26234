"""The life of a key as intents: each survives storage, and stands for one thing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from attestation.encoding import b64url_encode
from ledger.chain.intents import (
    AddKeyIntent,
    CancelRecoveryIntent,
    CompleteRecoveryIntent,
    CompromiseKeyIntent,
    KeyGrant,
    ProposeRecoveryIntent,
    RegistryIntent,
    RevokeKeyIntent,
    RotateKeyIntent,
    registry_intent,
)

DEPLOYMENT = b"\x11" * 32
ONE, TWO = (b64url_encode(bytes([n]) * 32) for n in (1, 2))
LEAF = b"\x03" * 32
GRANT = KeyGrant(2, 6, b"\x02" * 64, LEAF, 7, b"\x04" * 64)
INTENTS: list[RegistryIntent] = [
    AddKeyIntent("88.608.1/a", GRANT, b"\x05" * 64),
    RotateKeyIntent(ONE, GRANT),
    RevokeKeyIntent(ONE, 9),
    CompromiseKeyIntent(ONE, LEAF, 3, 9),
    CompromiseKeyIntent(TWO, LEAF, 3, 9),
    ProposeRecoveryIntent(ONE, GRANT, "丢失", (b"\x01" * 64, b"\x02" * 64)),
    CancelRecoveryIntent(TWO, LEAF, 9),
    CompleteRecoveryIntent(TWO, b"\x06" * 32, LEAF, 9),
]


@pytest.mark.parametrize("intent", INTENTS, ids=lambda intent: type(intent).__name__)
def test_an_intent_comes_back_from_storage_as_it_was(intent: RegistryIntent) -> None:
    stored = json.loads(json.dumps(intent.to_payload()))
    assert registry_intent(intent.KIND, stored) == intent


def test_different_intents_of_one_entry_are_different_operations() -> None:
    assert len({intent.operation_id(DEPLOYMENT) for intent in INTENTS}) == len(INTENTS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: KeyGrant(2, 6, b"", LEAF[1:], 7),
        lambda: KeyGrant(2, 6, b"", LEAF, -1),
        lambda: AddKeyIntent("88.608.1/a", GRANT, b"\x05" * 65),
        lambda: RotateKeyIntent("AAAA", GRANT),
        lambda: RevokeKeyIntent(ONE, 2**63),
        lambda: CompromiseKeyIntent(ONE, LEAF, 10, 9),
        lambda: CompromiseKeyIntent(ONE, LEAF, 0, 9),
        lambda: ProposeRecoveryIntent(ONE, GRANT, "lost", (b"\x01" * 64,)),
        lambda: CompleteRecoveryIntent(TWO, b"\x06" * 32, b"", 9),
    ],
)
def test_what_is_no_intent_is_refused_before_it_is_stored(make: Any) -> None:
    with pytest.raises(ValueError, match=r"bytes|range|recovery|since"):
        make()
