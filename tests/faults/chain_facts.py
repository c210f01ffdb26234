"""What the chain holds, asked by plain JSON-RPC: no code of `ledger.chain` takes part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
from eth_utils.crypto import keccak

from tests.faults.figures import Figure
from tests.faults.installation import Installation

_WORD = 32
_ANCHORED = keccak(text="Anchored(uint64,uint64,bytes32)")
_BACKFILLED = keccak(text="Backfilled(uint64,uint64,bytes32)")
_REGISTERED = keccak(text="EmissionsRegistered(bytes32,uint16,bytes32,bytes32,uint64,uint32,bytes32,bytes32,address)")
_DETERMINED = keccak(
    text="EmissionsDetermined(bytes32,uint16,bytes32,uint64,uint32,bytes32,bytes32,address,address,uint64)"
)
_KEY_ENROLLED = keccak(text="KeyEnrolled(bytes32,bytes32,bytes32,uint8,uint8,bytes,address,bytes32,uint64)")


@dataclass(frozen=True)
class OnChain:
    """`head`: epoch, size, root by the contract. `anchors`: (epoch, size, root) of every event, in chain order.
    `enrolled`: (thumbprint, operation id) of every key that the registry enrolled. `figures`: every event of a figure,
    in chain order; `standing`: the figure that the contract holds, of each case that had such an event; `determined`:
    how many figures came by two persons."""

    head: tuple[int, int, bytes]
    anchors: tuple[tuple[int, int, bytes], ...]
    enrolled: tuple[tuple[bytes, bytes], ...]
    figures: tuple[Figure, ...] = ()
    standing: tuple[Figure, ...] = ()
    determined: int = 0


class Chain:
    """One node."""

    def __init__(self, url: str, trust: dict[str, Any]) -> None:
        self._url = url
        self._log = trust["contracts"]["evidence_log"]
        self._registry = trust["contracts"]["identifier_registry"]
        self._emissions = trust["contracts"]["emissions_registry"]

    def read(self) -> OnChain:
        """Head and events of the deployment's contracts."""
        head = self._words(self.call(self._log, keccak(text="head()")[:4]))
        anchors = tuple(
            (_int(event["topics"][1]), _int(event["topics"][2]), _bytes(event["data"]))
            for event in self._logs(self._log, _ANCHORED, _BACKFILLED)
        )
        enrolled = tuple(
            (_bytes(event["topics"][2]), _bytes(event["topics"][3]))
            for event in self._logs(self._registry, _KEY_ENROLLED)
        )
        figures = tuple(self._figure(event) for event in self._logs(self._emissions, _REGISTERED))
        return OnChain(
            (_number(head[0]), _number(head[1]), head[2]),
            anchors,
            enrolled,
            figures,
            tuple(self._standing(*case) for case in sorted({(one.account, one.year) for one in figures})),
            len(self._logs(self._emissions, _DETERMINED)),
        )

    def root_at(self, epoch: int, size: int) -> bytes:
        """`rootAt`: 32 zero bytes for a size that the contract does not know."""
        arguments = epoch.to_bytes(_WORD, "big") + size.to_bytes(_WORD, "big")
        return self.call(self._log, keccak(text="rootAt(uint64,uint64)")[:4] + arguments)

    def _figure(self, event: dict[str, Any]) -> Figure:
        _operation, tonnes, revision, report, verdict, _signer = self._words(_bytes(event["data"]))
        account, year = event["topics"][1].removeprefix("0x"), _int(event["topics"][2])
        return Figure(account, year, _number(revision), _number(tonnes), report.hex(), verdict.hex())

    def _standing(self, account: str, year: int) -> Figure:
        arguments = bytes.fromhex(account) + year.to_bytes(_WORD, "big")
        answer = self.call(self._emissions, keccak(text="emissionsOf(bytes32,uint16)")[:4] + arguments)
        tonnes, revision, _determined, _verifier, report, verdict, _at = self._words(answer)
        return Figure(account, year, _number(revision), _number(tonnes), report.hex(), verdict.hex())

    def call(self, to: str, data: bytes) -> bytes:
        """`eth_call` at the newest block."""
        return _bytes(self._rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest"))

    def _logs(self, address: str, *events: bytes) -> list[dict[str, Any]]:
        query = {
            "fromBlock": "0x0",
            "toBlock": "latest",
            "address": address,
            "topics": [["0x" + event.hex() for event in events]],
        }
        return list(self._rpc("eth_getLogs", query))

    def _rpc(self, method: str, *params: object) -> Any:
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = httpx.post(self._url, json=request, timeout=30.0).json()
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _words(self, data: bytes) -> list[bytes]:
        return [data[start : start + _WORD] for start in range(0, len(data), _WORD)]


def unsaved_blocks(installation: Installation) -> int:
    """How many blocks the running node has above the one that its last saved state is known to contain."""
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber", "params": []}
    try:
        head = int(httpx.post(installation.rpc_url, json=request, timeout=1.0).json()["result"], 16)
        saved = int(json.loads((installation.home / "node" / "final.json").read_bytes())["number"])
    except (httpx.HTTPError, OSError, ValueError, KeyError):
        return 0
    return max(0, head - saved)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _int(text: str) -> int:
    return int(text, 16)


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")
