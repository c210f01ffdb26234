from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields as msgspec_fields

from attestation import bodies
from attestation.identifiers import account_id
from attestation.market_messages import MESSAGES, MarketHalt, MarketMessage, Order
from attestation.typed_data import Domain
from attestation.typed_message import Checker

DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
    {"name": "salt", "type": "bytes32"},
]
ORDER = Order(account_id("88.1/a"), 0x107E9, 1, 700, 6_250, 1, bytes(32), 1, 0, 9, 0, b"\5" * 32)
words = st.binary(min_size=32, max_size=32)
domains = st.builds(Domain, st.integers(0, 2**64), st.binary(min_size=20, max_size=20), words)


def value_of(type_: str) -> st.SearchStrategy[object]:
    if type_ == "bytes32":
        return words
    return st.booleans() if type_ == "bool" else st.integers(0, (1 << int(type_.removeprefix("uint"))) - 1)


def oracle(domain: Domain, message: MarketMessage) -> bytes:
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
    message: type[MarketMessage], data: st.DataObject, domain: Domain
) -> None:
    values = [data.draw(value_of(type_)) for type_, _ in message.members()]
    made = message(*values)  # type: ignore[arg-type]  # each drawn by its Solidity type
    assert made.as_tuple() == tuple(values)
    assert made.digest(domain) == oracle(domain, made)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name())
def test_a_field_per_member_and_the_operation_first_save_of_an_order(message: type[MarketMessage]) -> None:
    """An order is known by its hash alone."""
    assert (message.members()[0] == ("bytes32", "opId")) == (message is not Order)
    assert [field.name.replace("_", "") for field in fields(message)] == [
        {"opId": "opid"}.get(name, name.lower()) for _, name in message.members()
    ]
    assert message.CHECKER is Checker.EXCHANGE


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tonnes": 1 << 96}, f"tonnes: {1 << 96} is no uint64"),
        ({"price_fen": 1 << 32}, f"priceFen: {1 << 32} is no uint32"),
        ({"price_fen": -1}, "priceFen: -1 is no uint32"),
        ({"side": 256}, "side: 256 is no uint8"),
        ({"salt": b"\1" * 31}, "salt: 31 bytes is no bytes32"),
        ({"kind": True}, "kind: True is no uint8"),
    ],
)
def test_what_does_not_fit_its_type_is_no_order(changed: dict[str, object], said: str) -> None:
    """A price that overflows never becomes another price."""
    with pytest.raises(ValueError, match=said):
        replace(ORDER, **changed)  # type: ignore[arg-type]


def test_another_deployment_contract_chain_or_salt_is_another_order() -> None:
    here = Domain(31337, b"\1" * 20, b"\2" * 32)
    others = [
        Domain(1, b"\1" * 20, b"\2" * 32),
        Domain(31337, b"\3" * 20, b"\2" * 32),
        Domain(31337, b"\1" * 20, b"\4" * 32),
    ]
    hashes = {ORDER.digest(domain) for domain in (here, *others)}
    assert len(hashes | {replace(ORDER, salt=b"\6" * 32).digest(here)}) == 5


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name())
def test_the_contracts_hash_the_same_type(message: type[MarketMessage]) -> None:
    """What people sign is what the exchange checks, letter by letter."""
    contracts = Path(__file__).resolve().parents[2] / "contracts"
    ours = [path for path in contracts.rglob("*.sol") if "test" not in path.relative_to(contracts).parts]
    sources = [path.read_text("utf-8") for path in ours]
    # No contract reads a halt's approvals (DOMAIN 23): the log does, and the exchange takes the registrar's word.
    expected = 0 if message is MarketHalt else 1
    assert sum(f'"{message.TYPE}"' in source for source in sources) == expected, message.TYPE


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one.name())
def test_the_documents_say_what_is_signed(message: type[MarketMessage]) -> None:
    """Whoever signs with other software reads the type in docs/statements.md, letter by letter."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "statements.md").read_text("utf-8")
    assert text.count(f"`{message.TYPE}`") == 1


def test_the_documents_name_every_action() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "statements.md").read_text("utf-8")
    for type_, union in (("order", bodies.Order), ("market", bodies.Market), ("cash", bodies.Cash)):
        chapter = text.split(f"\n## `{type_}`: ")[1].split("\n## ")[0]
        named = {word for row in re.findall(r"^\| (`[^|]*`) \|", chapter, re.MULTILINE) for word in row.split(", ")}
        told = {name.strip("`") for name in named} - {"action"}
        assert told == {str(struct.__struct_config__.tag) for struct in get_args(union)}
        for struct in get_args(union):
            for field in msgspec_fields(struct):
                assert f"`{field.encode_name}`" in chapter, f"{type_} {field.encode_name}"
