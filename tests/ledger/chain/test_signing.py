"""Signed bytes: the same arguments give the same bytes; a replacement differs in its fee alone."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.chain.deploy_plan import created_address
from ledger.chain.errors import DeploymentFailed
from ledger.chain.rpc import address_text
from ledger.chain.signing import account_address, raised_fee, sign, sign_again

KEY = Account.from_key(b"\x11" * 32)


@settings(max_examples=40, deadline=None)
@given(
    nonce=st.integers(0, 2**40),
    fee=st.integers(0, 2**70),
    gas=st.integers(21_000, 2**24),
    data=st.one_of(st.binary(max_size=60), st.binary(min_size=200, max_size=400)),
    to=st.one_of(st.none(), st.binary(min_size=20, max_size=20)),
    value=st.integers(0, 2**80),
)
def test_a_replacement_is_the_same_call_at_the_same_nonce(
    nonce: int, fee: int, gas: int, data: bytes, to: bytes | None, value: int
) -> None:
    first = sign(KEY, chain_id=31337, nonce=nonce, fee=fee, gas=gas, to=to, data=data, value=value)
    assert sign_again(KEY, first.raw, chain_id=31337, fee=fee) == first
    raised = sign_again(KEY, first.raw, chain_id=31337, fee=raised_fee(fee))
    assert raised == sign(KEY, chain_id=31337, nonce=nonce, fee=raised_fee(fee), gas=gas, to=to, data=data, value=value)
    assert raised.fee * 10 >= fee * 11
    assert Account.recover_transaction(raised.raw) == KEY.address


@settings(max_examples=60, deadline=None)
@given(
    chain_id=st.integers(1, 2**40),
    nonce=st.integers(0, 2**40),
    fee=st.integers(0, 2**70),
    data=st.one_of(st.binary(max_size=60), st.binary(min_size=200, max_size=400), st.just(bytes(70_000))),
    to=st.one_of(st.none(), st.just(bytes(20)), st.binary(min_size=20, max_size=20)),
    key=st.integers(1, 2**250),
)
def test_signed_bytes_are_those_of_the_library(
    chain_id: int, nonce: int, fee: int, data: bytes, to: bytes | None, key: int
) -> None:
    account = Account.from_key(key.to_bytes(32))
    fields = {"chainId": chain_id, "nonce": nonce, "gasPrice": fee, "gas": 21_000, "data": data, "value": 0}
    if to is not None:
        fields["to"] = address_text(to)
    expected = account.sign_transaction(fields)
    made = sign(account, chain_id=chain_id, nonce=nonce, fee=fee, gas=21_000, to=to, data=data)
    assert (made.raw, made.hash) == (expected.raw_transaction, expected.hash)


def test_created_addresses_are_those_of_the_yellow_paper() -> None:
    """Known pair: the first development account's contracts, as Foundry prints them."""
    deployer = bytes.fromhex("f39fd6e51aad88f6f4ce6ab8827279cfffb92266")
    assert created_address(deployer, 0).hex() == "5fbdb2315678afecb367f032d93f642f64180aa3"
    assert created_address(deployer, 1).hex() == "e7f1725e7734ce288f8367e1bb143e90bb3f0512"
    with pytest.raises(DeploymentFailed):
        created_address(deployer, 128)
    assert len(account_address(KEY)) == 20
