"""The floor of P5: the same orders settled by ``bench/peers/OneLedger.sol``, which asks for nothing but two signatures.

Compiled as the exchange is, by the same compiler and settings.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import solcx
from eth_account import Account

from attestation.keys import Algorithm, PrivateKey
from attestation.market_messages import Order
from attestation.typed_data import Domain, sign_compact_digest
from bench.relayed import send
from ledger.chain.abi import Abi
from ledger.chain.compile import find_compiler, settings_of
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address

PEERS = Path(__file__).resolve().parent / "peers"


class Compiled:
    """A contract that is not the project's own: creation code and ABI."""

    def __init__(self, output: Mapping[str, Any]) -> None:
        self.abi = Abi(output["abi"])
        self._code = bytes.fromhex(output["evm"]["bytecode"]["object"])

    def creation(self, *arguments: Any) -> bytes:
        """What creates it."""
        return self._code + self.abi.constructor_arguments(*arguments)


def compiled(sources: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, Compiled]:
    """Contracts by name, out of ``wanted`` (name → source unit), with the exchange's settings.

    Raises
    ------
    solcx.exceptions.SolcError
        The compiler refused.
    """
    settings = {name: value for name, value in settings_of("Exchange").items() if name != "remappings"}
    output = {unit: {name: ["abi", "evm.bytecode.object"]} for name, unit in wanted.items()}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {**settings, "outputSelection": output},
    }
    answer = solcx.compile_standard(request, solc_binary=find_compiler())
    return {name: Compiled(answer["contracts"][unit][name]) for name, unit in wanted.items()}


class OneLedger:
    """One ledger with two accounts that have units and cash, as traders who traded before have.

    Parameters
    ----------
    keys
        Of accounts that have what gas costs: the first carries the trades, the others are buyer and seller.
    """

    def __init__(self, rpc: Rpc, keys: Sequence[bytes], asset: int) -> None:
        self._rpc, self._asset = rpc, asset
        self._carrier, *traders = (Account.from_key(key) for key in keys)
        self._keys = [PrivateKey(Algorithm.ES256K, key) for key in keys[1:]]
        self._accounts = [account_address(trader).rjust(32, b"\0") for trader in traders]
        unit = "OneLedger.sol"
        made = compiled({unit: (PEERS / unit).read_text(encoding="utf-8")}, {"OneLedger": unit})["OneLedger"]
        deployment_id = secrets.token_bytes(32)
        self._abi = made.abi
        self._address = send(rpc, self._carrier, None, made.creation(deployment_id)).contract
        if self._address is None:
            raise ValueError("a creation makes a contract")
        self._domain = Domain(rpc.chain_id(), self._address, deployment_id)
        for trader in traders:
            send(rpc, trader, self._address, self._abi.call("give", asset, 10_000, 10**9))

    def measure(self, tonnes: int, price_fen: int) -> tuple[int, int]:
        """Gas of a trade of two fresh orders, and of a further fill of both, whole transactions."""
        deadline = self._rpc.head().timestamp + 86_400
        orders = [
            Order(
                account, self._asset, side, 2 * tonnes, price_fen, 1, other, 1, 10, deadline, 0, secrets.token_bytes(32)
            )
            for account, side, other in zip(self._accounts, (1, 2), (self._accounts[1], bytes(32)), strict=True)
        ]
        signed = [
            sign_compact_digest(order.digest(self._domain), key) for order, key in zip(orders, self._keys, strict=True)
        ]
        words = [(one[:32], one[32:]) for one in signed]
        data = self._abi.call("settle", *(order.as_tuple() for order in orders), tonnes, price_fen, *words)
        fresh, warm = (send(self._rpc, self._carrier, self._address, data).gas_used for _ in range(2))
        return fresh, warm
