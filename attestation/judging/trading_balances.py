"""What a holder has to trade with: moved in and out, bound by buys, withdrawn (DOMAIN 16, 17, 20 to 22)."""

from __future__ import annotations

from attestation.assets import CASH, format_asset, parse_market_asset, vintage_of
from attestation.bodies.orders import MoveTrading, WithdrawCash
from attestation.context import Context
from attestation.judging.bounds import at_most, at_most_fen, money
from attestation.judging.cases import check_digest
from attestation.judging.common import check_integer
from attestation.judging.market_forms import check_cash_moves, check_holder
from attestation.judging.units import check_balance, check_not_suspended
from attestation.market_words import ALL_BPS, MOST_FEN
from attestation.refusals import refuse


def check_move_form(body: MoveTrading) -> None:
    """Step 9: quota or cash, and an amount (``asset.form``, ``market.tradable``, ``body.integer``)."""
    asset = parse_market_asset(body.asset, "body.asset")
    if asset != CASH and vintage_of(asset) is None:
        wanted = "quota-<vintage> or cash"
        raise refuse("market.tradable", body.asset, wanted, at="body.asset", expected_zh="quota-<年份> 或 cash")
    check_integer(body.amount, 1, MOST_FEN, "body.amount")


def check_withdrawal_form(body: WithdrawCash) -> None:
    """Step 9: an amount, and the hash of a bank account (``body.integer``, ``bytes32.format``)."""
    check_integer(body.fen, 1, MOST_FEN, "body.fen")
    check_digest(body.bank_account, "body.bank_account")


def check_move(holder: str, body: MoveTrading, context: Context) -> None:
    """Step 11: what is moved is there, and stands behind no order and no fill (``account.suspended``, ``cash.*``,
    ``asset.balance``, ``order.units``, ``order.cash``, ``holders.limit``)."""
    asset = parse_market_asset(body.asset)
    check_not_suspended(holder, context)
    if asset == CASH:
        check_cash_moves(context)
    if body.inward:
        check_holder(holder, context)
    if asset != CASH and body.inward:
        check_balance(holder, asset, body.amount, context)
    elif asset != CASH:
        held = context.trading(holder, asset)
        if body.amount > held.movable:
            bound = at_most(held.movable, f"{format_asset(asset)}, {holder}")
            raise refuse("order.units", f"{body.amount} t", bound.en, expected_zh=bound.zh)
    elif body.inward:
        _check_free(holder, body.amount, context)
    else:
        check_usable(holder, body.amount, context)


def check_withdrawal(holder: str, body: WithdrawCash, context: Context) -> None:
    """Step 11: free cash, to the account's own bank account (``account.suspended``, ``cash.*``)."""
    check_not_suspended(holder, context)
    check_cash_moves(context)
    bound = context.bank_account(holder)
    if bound is None or bound.hex() != body.bank_account:
        wanted = "an account that two persons bound first" if bound is None else bound.hex()
        wanted_zh = "须先由两人绑定银行账户" if bound is None else bound.hex()
        raise refuse("cash.account", body.bank_account, wanted, expected_zh=wanted_zh)
    _check_free(holder, body.fen, context)


def cost_fen(tonnes: int, price_fen: int, fee_bps: int, minimum_fill: int) -> int:
    """What a buy may cost at most: its value, and fees that each fill rounds up by half a fen at most (DOMAIN 20).

    A buy has at most one fill per ``minimum_fill``; where that is all of it, the fee is half-up to the fen.
    """
    value = tonnes * price_fen
    if not fee_bps:
        return value
    fills = -(-tonnes // max(1, minimum_fill))
    return value + (2 * value * fee_bps + fills * ALL_BPS) // (2 * ALL_BPS)


def check_usable(holder: str, fen: int, context: Context) -> None:
    """Step 11: the trading cash that no order, bid or fill binds (``order.cash``)."""
    usable = context.cash(holder).usable
    if fen > usable:
        bound = at_most_fen(usable, holder)
        raise refuse("order.cash", money(fen), bound.en, expected_zh=bound.zh)


def _check_free(holder: str, fen: int, context: Context) -> None:
    withdrawable = context.cash(holder).withdrawable
    if fen > withdrawable:
        bound = at_most_fen(withdrawable, holder)
        raise refuse("cash.balance", money(fen), bound.en, expected_zh=bound.zh)
