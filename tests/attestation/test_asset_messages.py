from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from attestation.asset_messages import MESSAGES, AssetMessage, Checker, Surrender
from attestation.identifiers import account_id
from attestation.typed_data import Domain

DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
    {"name": "salt", "type": "bytes32"},
]
CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
OF_COMPLIANCE = {"YearTerms", "ReferencePrice", "Surrender", "CarryOver"}
words = st.binary(min_size=32, max_size=32)
domains = st.builds(Domain, st.integers(0, 2**64), st.binary(min_size=20, max_size=20), words)


def value_of(type_: str) -> st.SearchStrategy[object]:
    if type_ == "bytes32":
        return words
    return st.booleans() if type_ == "bool" else st.integers(0, (1 << int(type_.removeprefix("uint"))) - 1)


def oracle(domain: Domain, message: AssetMessage) -> bytes:
    """The digest as eth_account computes it from the type string and the values in order."""
    signable = encode_typed_data(
        full_message={
            "types": {
                "EIP712Domain": DOMAIN_FIELDS,
                message.name(): [{"name": name, "type": type_} for type_, name in message.members()],
            },
            "primaryType": message.name(),
            "domain": {
                "name": "Tanlu",
                "version": "1",
                "chainId": domain.chain_id,
                "verifyingContract": "0x" + domain.verifying_contract.hex(),
                "salt": domain.salt,
            },
            "message": {name: value for (_, name), value in zip(message.members(), message.as_tuple(), strict=True)},
        }
    )
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name())
@given(data=st.data(), domain=domains)
def test_hashed_by_hand_is_hashed_by_the_library(
    message: type[AssetMessage], data: st.DataObject, domain: Domain
) -> None:
    values = [data.draw(value_of(type_)) for type_, _ in message.members()]
    made = message(*values)  # type: ignore[arg-type]  # each drawn by its Solidity type
    assert made.as_tuple() == tuple(values)
    assert made.digest(domain) == oracle(domain, made)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name())
def test_every_message_names_its_operation_first_and_has_a_field_per_member(message: type[AssetMessage]) -> None:
    assert message.members()[0] == ("bytes32", "opId")
    python = [field.name.replace("_", "").lower() for field in fields(message)]
    solidity = [{"from": "sender", "to": "receiver"}.get(name, name).lower() for _, name in message.members()]
    assert python == solidity
    assert (message.CHECKER is Checker.COMPLIANCE) == (message.name() in OF_COMPLIANCE)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name())
def test_the_contracts_hash_the_same_type(message: type[AssetMessage]) -> None:
    """What people sign is what the contracts check, letter by letter."""
    ours = [path for path in CONTRACTS.rglob("*.sol") if "test" not in path.relative_to(CONTRACTS).parts]
    sources = [path.read_text("utf-8") for path in ours]
    assert sum(f'"{message.TYPE}"' in source for source in sources) == 1, message.TYPE


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"op_id": b"\1" * 31}, "opId: 31 bytes is no bytes32"),
        ({"year": 1 << 16}, "year: 65536 is no uint16"),
        ({"tonnes": -1}, "tonnes: -1 is no uint64"),
        ({"tonnes": 1 << 96}, f"tonnes: {1 << 96} is no uint64"),
        ({"asset": True}, "asset: True is no uint32"),
    ],
)
def test_what_does_not_fit_its_type_is_no_message(changed: dict[str, object], said: str) -> None:
    """Amounts near 2^96 never become another amount."""
    good = {"op_id": b"\1" * 32, "account": account_id("88.1/a")}
    good |= {"year": 2025, "asset": 0x107E9, "tonnes": 1, "deadline": 9}
    Surrender(**good)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=said):
        Surrender(**(good | changed))  # type: ignore[arg-type]


def test_another_deployment_another_contract_another_chain_is_another_digest() -> None:
    said = Surrender(b"\1" * 32, account_id("88.1/a"), 2025, 0x107E9, 100, 9)
    here = Domain(31337, b"\1" * 20, b"\2" * 32)
    others = [
        Domain(1, b"\1" * 20, b"\2" * 32),
        Domain(31337, b"\3" * 20, b"\2" * 32),
        Domain(31337, b"\1" * 20, b"\4" * 32),
    ]
    assert len({said.digest(domain) for domain in (here, *others)}) == 4
