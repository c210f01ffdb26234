"""What the log's own bytes say of the market: bodies as plain JSON, orders by a hash that is computed here.

Shares no code with the ledger: an order's hash is its EIP-712 digest, written out once more from docs/contracts.md.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eth_utils.crypto import keccak

MARKET_TYPES = ("key", "holding", "order", "market", "cash")
"""Types of entries that orders, units in trading and cash follow from."""
SIDES = {"buy": 1, "sell": 2}
KINDS = {"listed": 1, "block": 2, "bilateral": 3, "auction": 4}
MODES = {"agreement": 1, "licensed": 2}
CASH = "cash"
_DOMAIN = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)")
_ORDER = keccak(
    text="Order(bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,"
    "uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt)"
)


@dataclass(frozen=True)
class Said:
    """One entry: its log index, the second in which it was accepted, its statement's id, and what it says."""

    index: int
    at: int
    statement_id: str
    issuer: str
    type: str
    body: Mapping[str, Any]

    @property
    def action(self) -> str:
        """The body's action; empty where its type has none."""
        return str(self.body.get("action", ""))


def read_entries(entries: Iterable[tuple[int, int, bytes]]) -> list[Said]:
    """Entries (index, accepted at, bytes) as what they say, in their order."""
    found = []
    for index, at, entry in entries:
        payload = entry.split(b".")[1]
        document = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
        own_id = hashlib.sha256(entry.rpartition(b".")[0]).hexdigest()
        found.append(Said(index, at, own_id, document["iss"], document["type"], document["body"]))
    return found


def instant(text: str) -> int:
    """Unix seconds of an RFC 3339 instant."""
    return int(datetime.fromisoformat(text).timestamp())


def asset_number(text: str) -> int:
    """The contract's number of ``quota-2025``."""
    return 0x0001_0000 + int(text.removeprefix("quota-"))


def account_of(identifier: str) -> str:
    """The contract's id of an account, hex."""
    return keccak(text=identifier).hex()


def separator(trust: Mapping[str, Any]) -> bytes:
    """The exchange's EIP-712 domain separator, from the trust file's own members."""
    contract = bytes.fromhex(trust["contracts"]["exchange"].removeprefix("0x"))
    salt = bytes.fromhex(trust["deployment_id"].removeprefix("0x"))
    words = (keccak(text="Tanlu"), keccak(text="1"), _word(trust["chain_id"]), contract.rjust(32, b"\0"), salt)
    return keccak(_DOMAIN + b"".join(words))


def order_hash(body: Mapping[str, Any], maker: str, domain: bytes) -> str:
    """What an order of ``maker`` is known by, hex; ``domain``: the exchange's separator."""
    named = body.get("counterparty")
    words = (
        keccak(text=maker),
        _word(asset_number(body["asset"])),
        _word(SIDES[body["side"]]),
        _word(body["tonnes"]),
        _word(body["price_fen"]),
        _word(KINDS[body["kind"]]),
        bytes(32) if named is None else keccak(text=named),
        _word(body["minimum_fill"]),
        _word(body["fee_limit_bps"]),
        _word(instant(body["deadline"])),
        _word(body["epoch"]),
        bytes.fromhex(body["salt"]),
    )
    return keccak(b"\x19\x01" + domain + keccak(_ORDER + b"".join(words))).hex()


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")
