"""The file of a sealed bid: the signed order that its reveal will bring, kept by its maker alone (DOMAIN 14).

    {"v": 1, "type": "sealed-bid", "log": …, "account": …, "maximum_fen": …, "body": {…}}

Whoever has it knows price and tonnes before the others, and nobody without it can open the bid: it is written before
the commitment leaves the program, readable by its owner only.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from attestation.bodies import PlaceOrder
from attestation.statements import BODY_TYPES
from ledger.trust import Trust
from tanlu.files import write_new
from tanlu.handed_files import HandedFile

BID_TYPE = "sealed-bid"
_BID = HandedFile(BID_TYPE, "tanlu market bid")
_OWNER_ONLY = 0o600


def write_bid(path: Path, trust: Trust, account: str, body: PlaceOrder, maximum_fen: int) -> None:
    """Write the file. Raises InputRefused (``file.exists``, ``file.folder``)."""
    members = msgspec.to_builtins(body)
    document = {
        "v": 1,
        "type": BID_TYPE,
        "log": trust.log,
        "account": account,
        "maximum_fen": maximum_fen,
        "body": members,
    }
    write_new(path, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n", _OWNER_ONLY)


def read_bid(path: Path, trust: Trust, account: str) -> PlaceOrder:
    """The order that opens the bid of ``account``. Raises InputRefused (``sealed.bid``, ``request.log``)."""
    document = _BID.read(path, trust.log)
    if document.get("account") != account:
        raise _BID.unusable(path, f"a bid of {document.get('account')}")
    try:
        body = msgspec.convert(document.get("body"), BODY_TYPES["order"])
    except msgspec.ValidationError as error:
        raise _BID.unusable(path, str(error)) from error
    if not isinstance(body, PlaceOrder) or body.auction is None:
        raise _BID.unusable(path, "no order of an auction")
    return body
