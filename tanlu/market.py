"""What holders sign on the market: orders, cancels, moves, withdrawals, sealed bids (DOMAIN 12 to 21).

A body is built without a signature; what is signed for the exchange follows from it alone
(``attestation.market_operations``). An order is known by its hash, the EIP-712 digest, which its maker knows before
anybody else: so a sealed bid is the hash of the order that opens it.
"""

from __future__ import annotations

import secrets
from typing import TypeVar

from msgspec.structs import replace

from attestation.bodies import (
    CancelEveryOrder,
    CancelPlaced,
    CommitBid,
    MoveTrading,
    PlaceOrder,
    WithdrawCash,
)
from attestation.instants import format_instant
from attestation.keys import Algorithm
from attestation.market_messages import MarketMessage
from attestation.market_operations import HolderOrder, holder_message, order_message
from attestation.powers import SIGNERS
from attestation.refusals import refuse
from attestation.typed_data import Domain, sign_compact_digest
from ledger.trust import Trust
from quota.market.fees import reserved_fen
from tanlu.assets import UNSIGNED, new_operation
from tanlu.client.market_answers import Offer
from tanlu.keyring import HeldKey

SALT_BYTES = 32
OTHER_SIDE = {"buy": "sell", "sell": "buy"}
"""Who accepts an order stands on the other side."""

_Signed = TypeVar("_Signed", bound=PlaceOrder | HolderOrder)


def place(
    asset: str,
    side: str,
    tonnes: int,
    price_fen: int,
    *,
    deadline: int,
    epoch: int,
    fee_limit_bps: int,
    kind: str = "listed",
    counterparty: str | None = None,
    minimum_fill: int = 0,
    accepts: str | None = None,
    auction: str | None = None,
) -> PlaceOrder:
    """An order (``side`` ``buy`` or ``sell``) of whole tonnes at so many fen a tonne, good before ``deadline`` (unix
    seconds); unsigned. ``epoch``: the account's (``Trader.epoch``). ``fee_limit_bps``: the highest fee that is paid."""
    return PlaceOrder(
        asset=asset,
        side=side,
        tonnes=tonnes,
        price_fen=price_fen,
        kind=kind,
        counterparty=counterparty,
        minimum_fill=minimum_fill,
        fee_limit_bps=fee_limit_bps,
        deadline=format_instant(deadline),
        epoch=epoch,
        salt=secrets.token_hex(SALT_BYTES),
        accepts=accepts,
        auction=auction,
        signature=UNSIGNED,
    )


def accept(asset: str, offer: Offer, tonnes: int, *, deadline: int, epoch: int, fee_limit_bps: int) -> PlaceOrder:
    """The order that takes ``tonnes`` of somebody's posted order, at its price and with its maker alone (DOMAIN 12);
    unsigned."""
    return place(
        asset,
        OTHER_SIDE[offer.side],
        tonnes,
        offer.price_fen,
        kind=offer.kind,
        counterparty=offer.account,
        accepts=offer.order,
        deadline=deadline,
        epoch=epoch,
        fee_limit_bps=fee_limit_bps,
    )


def cancel(order: str, deadline: int) -> CancelPlaced:
    """The end of an order of one's own, by its hash; unsigned."""
    return CancelPlaced(op_id=new_operation(), order=order, deadline=format_instant(deadline), signature=UNSIGNED)


def cancel_all(epoch: int, deadline: int) -> CancelEveryOrder:
    """The end of every order of one's own below ``epoch``, which is above the account's; unsigned."""
    return CancelEveryOrder(op_id=new_operation(), epoch=epoch, deadline=format_instant(deadline), signature=UNSIGNED)


def move(asset: str, amount: int, deadline: int, *, inward: bool) -> MoveTrading:
    """Tonnes of quota from the registry to trade with (``inward``) or back, or fen of free cash likewise; unsigned."""
    return MoveTrading(
        op_id=new_operation(),
        asset=asset,
        amount=amount,
        inward=inward,
        deadline=format_instant(deadline),
        signature=UNSIGNED,
    )


def withdraw(fen: int, bank_account: str, deadline: int) -> WithdrawCash:
    """Free cash to the bound bank account, which is named by its hash (DOMAIN 21); unsigned."""
    return WithdrawCash(
        op_id=new_operation(),
        fen=fen,
        bank_account=bank_account,
        deadline=format_instant(deadline),
        signature=UNSIGNED,
    )


def commit(auction: str, commitment: str, maximum_fen: int) -> CommitBid:
    """A sealed bid: the hash of the order that opens it (``order_hash``), and the cash that it locks (DOMAIN 14). The
    exchange is not told of it: nothing else is signed."""
    return CommitBid(auction=auction, commitment=commitment, maximum_fen=maximum_fen)


def maximum_of(bid: PlaceOrder) -> int:
    """What a bid may come to with the highest fees that it pays, in fen (DOMAIN 14, 20)."""
    return reserved_fen(bid.tonnes, bid.price_fen, bid.fee_limit_bps, bid.minimum_fill)


def market_domain(trust: Trust) -> Domain:
    """The EIP-712 domain of orders. Raises SequenceRefused (``asset.no_contract``) without an exchange."""
    domain = trust.exchange_domain
    if domain is None:
        raise refuse("asset.no_contract", "Exchange")
    return domain


def order_hash(trust: Trust, body: PlaceOrder, account: str) -> str:
    """What an order of ``account`` is known by, signed or not: 64 hex digits. Raises as ``market_domain``."""
    return order_message(body, account).digest(market_domain(trust)).hex()


def sign_order(trust: Trust, held: HeldKey, body: _Signed) -> _Signed:
    """The body with its holder's word for the exchange, by the key that will sign the statement too.

    Raises KeyRefused (``key.algorithm``), PurposeRefused (``purpose.key``) for a key that is not for assets, and
    SequenceRefused (``asset.no_contract``).
    """
    digest = _message(body, held.card.identifier).digest(market_domain(trust))
    if held.private.algorithm is not Algorithm.ES256K:
        raise refuse("key.algorithm", held.private.algorithm.value, Algorithm.ES256K.value)
    needed = tuple(SIGNERS["order"].values())
    if not any(purpose in held.card.purposes for purpose in needed):
        names = " or ".join(name for purpose in needed for name in purpose.names())
        raise refuse("purpose.key", ", ".join(held.card.purposes.names()), f"{names} for order")
    return replace(body, signature=f"0x{sign_compact_digest(digest, held.private).hex()}")


def _message(body: PlaceOrder | HolderOrder, holder: str) -> MarketMessage:
    return order_message(body, holder) if isinstance(body, PlaceOrder) else holder_message(body, holder)
