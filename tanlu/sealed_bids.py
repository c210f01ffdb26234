"""The file of a sealed bid: the signed order that its reveal will bring, kept by its maker alone (DOMAIN 14).

    {"v": 1, "type": "sealed-bid", "log": …, "account": …, "maximum_fen": …, "body": {…}}

Whoever has it knows price and tonnes before the others, and nobody without it can open the bid: it is written before
the commitment leaves the program, readable by its owner only.
"""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from attestation.assets import parse_market_asset
from attestation.bodies import PlaceOrder
from attestation.facts.market import AuctionRecord
from attestation.judging.auctions import check_bid
from attestation.judging.trading_balances import cost_fen
from attestation.refusals import refuse
from attestation.statements import BODY_TYPES
from ledger.trust import Trust
from tanlu.client.market_answers import AuctionShown
from tanlu.files import write_new
from tanlu.handed_files import HandedFile

BID_TYPE = "sealed-bid"
_BID = HandedFile(BID_TYPE, "tanlu market bid")
_OWNER_ONLY = 0o600


def check_sealed(found: AuctionShown, body: PlaceOrder, fee_bps: int, maximum_fen: int) -> None:
    """Whether the auction will take the bid when it is opened, under a fee of ``fee_bps`` and with ``maximum_fen``
    locked (DOMAIN 14): what cannot be opened forfeits, and the log cannot look into a seal.

    Raises SequenceRefused (``auction.floor``, ``auction.lot``, ``auction.maximum``, ``auction.asset``, ``order.fee``,
    ``order.expired``).
    """
    if body.fee_limit_bps < fee_bps:
        raise refuse("order.fee", body.fee_limit_bps, f"{fee_bps} or more", expected_zh=f"不低于 {fee_bps}")
    cost = cost_fen(body.tonnes, body.price_fen, fee_bps, body.tonnes)
    check_bid(body, _record(found), cost, maximum_fen)


def _record(found: AuctionShown) -> AuctionRecord:
    return AuctionRecord(
        op_id=bytes.fromhex(found.op_id),
        index=found.index,
        asset=parse_market_asset(found.asset),
        day=found.day,
        lot_tonnes=found.lot_tonnes,
        floor_fen=found.floor_fen,
        seller=found.seller,
        order=bytes.fromhex(found.order),
        commit_until=found.commit_until,
        reveal_until=found.reveal_until,
        forfeit_bps=found.forfeit_bps,
        cleared=found.cleared_index,
    )


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
