"""Makes `orders.json` beside this file: `python make_orders.py`.

Shares no code with the package: messages are hashed and signed by eth_account. With the file a client in any language
checks how it names accounts, builds the EIP-712 message of an order, signs it and writes it into a statement's body.
The result is the same in every run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

HOLDER, MAKER = "88.608.5290/steel", "88.608.5291/tiles"
KEY = bytes(31) + b"\x07"
"""Nobody's: for this file alone."""
DEADLINE = "2026-05-06T15:00:00+08:00"
OFFER = "cd" * 32
DOMAIN = {
    "name": "Tanlu",
    "version": "1",
    "chainId": 31337,
    "verifyingContract": "0x" + "66" * 20,
    "salt": "0x" + "5a" * 32,
}
DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
    {"name": "salt", "type": "bytes32"},
]
TYPES = {
    "Order": "bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,"
    "uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt",
    "CancelOrder": "bytes32 opId,bytes32 account,bytes32 orderHash,uint64 deadline",
    "CancelAll": "bytes32 opId,bytes32 account,uint32 epoch,uint64 deadline",
    "TradingMove": "bytes32 opId,bytes32 account,uint32 asset,uint64 amount,bool inward,uint64 deadline",
    "Withdrawal": "bytes32 opId,bytes32 account,uint64 fen,bytes32 bankAccount,uint64 deadline",
}
NUMBERS = {"buy": 1, "sell": 2, "listed": 1, "block": 2, "bilateral": 3, "auction": 4}


def account_of(identifier: str | None) -> str:
    return "0x" + (bytes(32) if identifier is None else keccak(text=identifier)).hex()


def asset_of(text: str) -> int:
    return 0x0003_0000 if text == "cash" else 0x0001_0000 + int(text.removeprefix("quota-"))


def seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).astimezone(UTC).timestamp())


def order(side: str, tonnes: int, price: int, kind: str, salt: str, **more: Any) -> dict[str, Any]:
    """A body of `order`, without its signature."""
    body = {"action": "place", "asset": "quota-2025", "side": side, "tonnes": tonnes, "price_fen": price, "kind": kind}
    body |= {"minimum_fill": 1, "fee_limit_bps": 10, "deadline": DEADLINE, "epoch": 0, "salt": salt * 32}
    return body | more


BODIES = {
    "an offer to anybody": order("sell", 700, 6_250, "listed", "01"),
    "an acceptance of it": order("buy", 700, 6_250, "listed", "02", counterparty=MAKER, accepts=OFFER),
    "a block for one counterparty": order("sell", 1_000, 6_000, "block", "03", counterparty=MAKER, minimum_fill=1_000),
    "a bilateral order": order("buy", 60, 6_230, "bilateral", "04", counterparty=MAKER),
    "a lot": order("sell", 500, 6_000, "auction", "05", minimum_fill=0),
    "a bid that is opened": order("buy", 233, 6_180, "auction", "06", minimum_fill=0, auction="0a" * 32),
    "the largest order": order(
        "buy", 2**32 - 1, 65_535, "listed", "ff", minimum_fill=2**32 - 1, fee_limit_bps=10_000, epoch=2**24 - 1
    ),
    "a cancellation": {"action": "cancel", "op_id": "0b" * 32, "order": OFFER, "deadline": DEADLINE},
    "all cancelled": {"action": "cancel-all", "op_id": "0c" * 32, "epoch": 1, "deadline": DEADLINE},
    "units into trading": {
        "action": "move",
        "op_id": "0d" * 32,
        "asset": "quota-2025",
        "amount": 500,
        "inward": True,
        "deadline": DEADLINE,
    },
    "cash out of trading": {
        "action": "move",
        "op_id": "0e" * 32,
        "asset": "cash",
        "amount": 3_025_000,
        "inward": False,
        "deadline": DEADLINE,
    },
    "a withdrawal": {
        "action": "withdraw",
        "op_id": "0f" * 32,
        "fen": 3_025_000,
        "bank_account": "bc" * 32,
        "deadline": DEADLINE,
    },
}


def message_of(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The struct that is signed for a body."""
    account, deadline = account_of(HOLDER), seconds(body["deadline"])
    op_id = "0x" + body.get("op_id", "")
    match body["action"]:
        case "place":
            values: list[Any] = [account, asset_of(body["asset"]), NUMBERS[body["side"]], body["tonnes"]]
            values += [body["price_fen"], NUMBERS[body["kind"]], account_of(body.get("counterparty"))]
            values += [body["minimum_fill"], body["fee_limit_bps"], deadline, body["epoch"], "0x" + body["salt"]]
            name = "Order"
        case "cancel":
            name, values = "CancelOrder", [op_id, account, "0x" + body["order"], deadline]
        case "cancel-all":
            name, values = "CancelAll", [op_id, account, body["epoch"], deadline]
        case "move":
            values = [op_id, account, asset_of(body["asset"]), body["amount"], body["inward"], deadline]
            name = "TradingMove"
        case "withdraw":
            name, values = "Withdrawal", [op_id, account, body["fen"], "0x" + body["bank_account"], deadline]
        case other:
            raise ValueError(other)
    names = [member.split(" ")[1] for member in TYPES[name].split(",")]
    return name, dict(zip(names, values, strict=True))


def vector(name: str, body: dict[str, Any]) -> dict[str, Any]:
    type_, message = message_of(body)
    fields = [dict(zip(("type", "name"), member.split(" "), strict=True)) for member in TYPES[type_].split(",")]
    typed = {
        "types": {"EIP712Domain": DOMAIN_TYPE, type_: fields},
        "primaryType": type_,
        "domain": DOMAIN,
        "message": message,
    }
    signable = encode_typed_data(full_message=typed)
    signed = Account.sign_message(signable, KEY)
    # EIP-2098: the parity is the highest bit of s.
    s_and_parity = signed.s | (signed.v - 27) << 255
    return {
        "name": name,
        "holder": HOLDER,
        "typed_data": typed,
        "digest": "0x" + keccak(b"\x19" + signable.version + signable.header + signable.body).hex(),
        "signature_65": "0x" + signed.signature.hex(),
        "body": body | {"signature": f"0x{signed.r:064x}{s_and_parity:064x}"},
    }


def made() -> dict[str, Any]:
    """The file's content."""
    return {
        "about": "Orders and words of a holder on the exchange, signed by eth_account. `typed_data` is what a wallet "
        "signs (eth_signTypedData_v4), `digest` its EIP-712 hash, which an order is known by; `signature_65` is "
        "r, s, v; `body` is the statement's, whose signature is the compact one of EIP-2098. Account ids are the "
        "Keccak-256 of an identifier's UTF-8.",
        "private_key": "0x" + KEY.hex(),
        "address": Account.from_key(KEY).address,
        "vectors": [vector(name, body) for name, body in BODIES.items()],
    }


if __name__ == "__main__":
    text = json.dumps(made(), indent=2, ensure_ascii=False) + "\n"
    Path(__file__).with_name("orders.json").write_text(text, "utf-8")
