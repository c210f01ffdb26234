"""The chain's own record: each header has the hash of the one before and of itself, and the receipts of a block with
events of ours give its root. What a node left out or made up would show there.

A node alone proves nothing about which chain is the right one: the hash of the last block is to be compared with that
of another node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attestation.keccak import keccak256
from ledger.audit.bloom import Wanted
from ledger.audit.evidence import ChainEvidence
from ledger.audit.findings import Area, Divergences
from ledger.audit.proven import Proven
from ledger.audit.rlp_bytes import Item, encode, number
from ledger.audit.trie import ordered_root
from ledger.chain.contracts import Deployment
from ledger.chain.errors import ChainUnavailable
from ledger.chain.ranges import RangeSize
from ledger.chain.wire import Log, parsed, to_logs

_RANGE: Final = 2_000
# In the order of the header's list; what stands after `nonce` came with later forks, and only where it was in force.
_HEADER: Final = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom",
    *("difficulty", "number", "gasLimit", "gasUsed", "timestamp"), "extraData", "mixHash", "nonce",
)  # fmt: skip
_LATER: Final = (
    "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
)  # fmt: skip
_NUMBERS: Final = frozenset({
    "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas",
})  # fmt: skip


def check_blocks(
    chain: ChainEvidence,
    deployment: Deployment,
    divergences: Divergences,
    progress: Callable[[int, int], None],
    proven: Proven | None = None,
) -> tuple[int, list[str]]:
    """Check headers from the deployment's first block to the head, and receipts of blocks with events of ours, which
    ``proven`` gets.

    Returns how many headers there were, and what could not be checked, as text. Raises ``ChainUnavailable``.
    """
    walk, size = _Walk(chain, deployment, divergences, proven), RangeSize(_RANGE)
    first, last = deployment.first_block, chain.head().number
    while first <= last:
        end = min(first + size.blocks - 1, last)
        events = walk.take(first, end)
        size.held(end - first + 1, events)
        first = end + 1
        progress(first - deployment.first_block, last - deployment.first_block + 1)
    return walk.checked, walk.left_out()


class _Walk:
    def __init__(
        self, chain: ChainEvidence, deployment: Deployment, divergences: Divergences, proven: Proven | None
    ) -> None:
        self._chain, self._proven = chain, proven
        self._addresses = list(deployment.addresses.values())
        self._wanted = Wanted(self._addresses)
        self._divergences = divergences
        self._before: Mapping[str, Any] | None = None
        self.checked = 0
        self._hashed_otherwise = 0
        self._as_ethereum = False
        self._otherwise: tuple[str, object, str] | None = None

    def take(self, first: int, last: int) -> int:
        """Headers ``first`` to ``last``, and their logs. Returns how many logs there were."""
        logs: dict[int, list[Log]] = {}
        for log in self._chain.logs(self._addresses, first, last):
            logs.setdefault(log.block_number, []).append(log)
        expected = first
        for header in self._chain.raw_headers(first, last):
            number = _number(header.get("number"))
            if number != expected:
                self._add(f"block {expected}", "audit.block_missing", f"block {number}", f"block {expected}")
            expected = number + 1
            self._header(number, header)
            if number in logs or self._may_have_logs(header):
                self._receipts(number, header, logs.get(number, []))
        if expected != last + 1:
            self._add(f"block {expected}", "audit.block_missing", "none", f"block {expected}")
        return sum(map(len, logs.values()))

    def left_out(self) -> list[str]:
        """What was not checked; after the last header. Where some headers hash as Ethereum's do, the first that does
        not is a divergence, be it the very first."""
        found = []
        if self._as_ethereum and self._otherwise is not None:
            place, said, computed = self._otherwise
            self._add(place, "audit.block_hash", said, computed)
        elif self._hashed_otherwise:
            found.append(f"hashes of {self._hashed_otherwise} headers: this engine computes them in its own way")
        return found

    def _header(self, number: int, header: Mapping[str, Any]) -> None:
        self.checked += 1
        before, place = self._before, f"block {number}"
        self._before = header
        if before is not None:
            if header.get("parentHash") != before.get("hash"):
                self._add(place, "audit.parent", header.get("parentHash"), before.get("hash"))
            if _number(header.get("timestamp")) < _number(before.get("timestamp")):
                self._add(place, "audit.block_time", header.get("timestamp"), f"from {before.get('timestamp')} on")
        try:
            found = "0x" + keccak256(encode(header_fields(header))).hex()
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self._add(place, "audit.header", str(error), "the members of a header")
            return
        if found == header.get("hash"):
            self._as_ethereum = True
        elif self._hashed_otherwise == self.checked - 1:
            # Whether the engine hashes as Ethereum does is known with the first header that it did so.
            self._hashed_otherwise += 1
            self._otherwise = self._otherwise or (place, header.get("hash"), found)
        else:
            self._add(place, "audit.block_hash", header.get("hash"), found)

    def _may_have_logs(self, header: Mapping[str, Any]) -> bool:
        try:
            return self._wanted.may_be_in(_bytes(header["logsBloom"]))
        except (KeyError, ValueError, TypeError, AttributeError):
            return False  # told with the header's form

    def _receipts(self, number: int, header: Mapping[str, Any], read: Sequence[Log]) -> None:
        receipts, place = self._chain.raw_receipts(number), f"block {number}"
        if receipts is None:
            wanted = "the receipts of a block whose filter says that it may have events of the contracts"
            self._add(place, "audit.receipts_missing", "none", wanted)
            return
        try:
            root = "0x" + ordered_root([receipt_bytes(one) for one in receipts]).hex()
            ours = [log for one in receipts for log in parsed(to_logs, one["logs"]) if log.address in self._addresses]
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            self._add(place, "audit.receipts", str(error), "the receipts of a block")
            return
        if root != header.get("receiptsRoot"):
            self._add(place, "audit.receipts_root", root, header.get("receiptsRoot"))
        # Each in whole: of the same transactions and places a node may tell other contents than the receipts have.
        if sorted(ours, key=_place) != sorted(read, key=_place):
            self._add(place, "audit.logs", f"{len(read)} events read", f"{len(ours)} events in its receipts")
        if self._proven is not None:
            self._proven.take(
                number, _bytes(header["hash"]), _number(header.get("timestamp")), sorted(ours, key=_place)
            )

    def _add(self, place: str, rule: str, found: object, expected: object) -> None:
        self._divergences.add(Area.CHAIN, place, rule, found, expected)


def _place(log: Log) -> tuple[int, int]:
    return log.block_number, log.index


def header_fields(header: Mapping[str, Any]) -> list[bytes]:
    later = [name for name in _LATER if header.get(name) is not None]
    return [_value(name, header[name]) for name in (*_HEADER, *later)]


def _value(name: str, text: str) -> bytes:
    if name in _NUMBERS:
        return number(_number(text))
    return _bytes(text)


def receipt_bytes(receipt: Mapping[str, Any]) -> bytes:
    """A receipt as the trie has it (EIP-2718, EIP-658)."""
    status = receipt.get("status")
    outcome = _bytes(receipt["root"]) if status is None else _value("number", status)
    logs: list[Item] = [
        [_bytes(log["address"]), [_bytes(one) for one in log["topics"]], _bytes(log["data"])] for log in receipt["logs"]
    ]
    body = encode([outcome, _value("number", receipt["cumulativeGasUsed"]), _bytes(receipt["logsBloom"]), logs])
    kind = _number(receipt.get("type", "0x0"))
    return body if kind == 0 else bytes([kind]) + body


def _number(value: Any) -> int:
    if not isinstance(value, str):
        raise ChainUnavailable(
            "The chain's record is not as nodes give it.",
            rule="audit.chain_form",
            value=value,
            expected="a hexadecimal number",
            message_zh="链上记录格式不符。",
        )
    return int(value, 16)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
