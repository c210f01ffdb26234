from __future__ import annotations

import pytest
from eth_account import Account

from ganache import DevelopmentKeyRefused, Engine, development_keys, require_development_chain
from ganache.rpc import Rpc


@pytest.mark.chain
def test_the_ten_keys_are_those_of_the_accounts_that_the_engine_funds(anvil: Engine) -> None:
    with Rpc(anvil.rpc_url, timeout=10) as rpc:
        funded = rpc.call("eth_accounts")
    keys = development_keys(anvil.rpc_url, anvil.chain_id)
    assert [Account.from_key(key).address.lower() for key in keys] == [address.lower() for address in funded]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8545", "http://127.9.9.9", "http://localhost:8545/", "http://[::1]:8545", "ws://127.0.0.1:8546"],
)
@pytest.mark.parametrize("chain_id", [31337, 1337])
def test_a_loopback_development_chain_is_accepted(url: str, chain_id: int) -> None:
    require_development_chain(url, chain_id)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.7:8545",
        "http://0.0.0.0:8545",
        "https://chain.example",
        "http://127.0.0.1@chain.example:8545",
        "http://chain.example/127.0.0.1",
        "http://localhost.chain.example",
        "http://127.1",
        "http://[::ffff:10.0.0.7]",
        "http:///nowhere",
        "127.0.0.1:8545",
        "file://127.0.0.1/ipc",
        "",
    ],
)
def test_a_host_that_is_not_plainly_loopback_is_refused(url: str) -> None:
    with pytest.raises(DevelopmentKeyRefused) as refused:
        development_keys(url, 31337)
    assert refused.value.rule == "accounts.development.loopback"


@pytest.mark.parametrize("chain_id", [1, 0, 31338, 11155111])
def test_another_chain_id_is_refused_even_on_loopback(chain_id: int) -> None:
    with pytest.raises(DevelopmentKeyRefused) as refused:
        development_keys("http://127.0.0.1:8545", chain_id)
    assert (refused.value.rule, refused.value.value) == ("accounts.development.chain-id", str(chain_id))
