"""What Seaport 1.5's ``matchOrders`` takes for two such orders between two tokens, to hold settlement against (P5).

Its sources come from npm (``npm ci`` in ``bench/peers``: seaport-core 1.5.0, seaport-types 0.0.1), compiled as the
exchange is, by the same compiler and settings; for this alone their ``pragma solidity 0.8.17`` is lifted. Release 1.6
needs opcodes of Cancun, which neither the settings nor the engine here have, and is too deep for this compiler's stack
through the intermediate representation. The tokens are ``bench/peers/Token.sol``, approved without a limit, and no
conduit is between.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Sequence
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak

from attestation.keys import Algorithm, PrivateKey
from attestation.typed_data import sign_compact_digest
from bench.one_ledger import PEERS, Compiled, compiled
from bench.relayed import send
from ganache.npm import find_node, npm_command
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address

_HOME = PEERS / "node_modules"
_PRAGMA = "pragma solidity 0.8.17;"
_ERC20 = 1
_FULL_OPEN = 0
_DEADLINE = 300.0


def install() -> str | None:
    """Bring its sources if they are not there; ``None``, or why it did not work, as npm says it."""
    if (_HOME / "seaport-core" / "src" / "Seaport.sol").is_file():
        return None
    done = subprocess.run(
        [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=PEERS,
        env=os.environ | {"PATH": f"{find_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_DEADLINE,
        check=False,
    )
    return None if done.returncode == 0 else done.stderr.strip() or f"npm: exit {done.returncode}"


class Seaport:
    """Seaport and two tokens, of which two traders have both.

    Parameters
    ----------
    keys
        Of accounts that have what gas costs: the first carries the trades, the others are buyer and seller.
    """

    def __init__(self, rpc: Rpc, keys: Sequence[bytes]) -> None:
        self._rpc = rpc
        self._carrier, *self._traders = (Account.from_key(key) for key in keys)
        self._keys = [PrivateKey(Algorithm.ES256K, key) for key in keys[1:]]
        made = _compiled()
        controller = self._create(made["ConduitController"])
        self._abi = made["Seaport"].abi
        self._address = self._create(made["Seaport"], controller)
        self._token = made["Token"]
        self._cash, self._units = (self._create(self._token) for _ in range(2))
        for token in (self._cash, self._units):
            for trader in self._traders:
                send(rpc, trader, token, self._token.abi.call("give", 10**12))
                send(rpc, trader, token, self._token.abi.call("approve", self._address, 2**256 - 1))
        _, self._separator, _ = self._view("information")

    def measure(self, tonnes: int, price_fen: int) -> int:
        """Gas of a trade of two fresh orders, the whole transaction, after another one of the same traders."""
        self._match(tonnes, price_fen)
        return self._match(tonnes, price_fen)

    def _match(self, tonnes: int, price_fen: int) -> int:
        gives = [(self._cash, tonnes * price_fen), (self._units, tonnes)]
        orders = [self._order(place, gives[place], gives[1 - place]) for place in range(2)]
        # What the first offers is what the second asks for, and the other way.
        pairs = [([(place, 0)], [(1 - place, 0)]) for place in range(2)]
        before = self._balance()
        receipt = send(self._rpc, self._carrier, self._address, self._abi.call("matchOrders", orders, pairs))
        if self._balance() != before + tonnes:
            raise ValueError("the units did not change hands")
        return receipt.gas_used

    def _order(self, place: int, given: tuple[bytes, int], asked: tuple[bytes, int]) -> tuple[tuple[Any, ...], bytes]:
        offerer = account_address(self._traders[place])
        offer = [(_ERC20, given[0], 0, given[1], given[1])]
        consideration = [(_ERC20, asked[0], 0, asked[1], asked[1], offerer)]
        until = self._rpc.head().timestamp + 86_400
        salt = int.from_bytes(secrets.token_bytes(32))
        common = (offerer, bytes(20), offer, consideration, _FULL_OPEN, 0, until, bytes(32), salt, bytes(32))
        (order_hash,) = self._view("getOrderHash", (*common, 0))
        digest = keccak(b"\x19\x01" + self._separator + order_hash)
        return (*common, len(consideration)), sign_compact_digest(digest, self._keys[place])

    def _balance(self) -> int:
        data = self._token.abi.call("balanceOf", account_address(self._traders[0]))
        return int.from_bytes(self._rpc.call(self._units, data))

    def _view(self, function: str, *arguments: Any) -> tuple[Any, ...]:
        return self._abi.result(function, self._rpc.call(self._address, self._abi.call(function, *arguments)))

    def _create(self, contract: Compiled, *arguments: Any) -> bytes:
        address = send(self._rpc, self._carrier, None, contract.creation(*arguments)).contract
        if address is None:
            raise ValueError("a creation makes a contract")
        return address


def _compiled() -> dict[str, Compiled]:
    sources = {
        str(path.relative_to(_HOME)): path.read_text(encoding="utf-8").replace(_PRAGMA, "pragma solidity ^0.8.17;")
        for name in ("seaport-core", "seaport-types")
        for path in sorted((_HOME / name / "src").rglob("*.sol"))
    }
    sources["Token.sol"] = (PEERS / "Token.sol").read_text(encoding="utf-8")
    core = "seaport-core/src/"
    wanted = {"Seaport": f"{core}Seaport.sol", "ConduitController": f"{core}conduit/ConduitController.sol"}
    return compiled(sources, {**wanted, "Token": "Token.sol"})
