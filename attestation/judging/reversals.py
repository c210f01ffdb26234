"""A settled error is undone by compensating entries that name the trade: units back, cash back (DOMAIN 22).

Each entry is checked against the log's own fill, so that a reversal is of these parties and asset, and all of them
together never bring back more than the trade moved.
"""

from __future__ import annotations

from attestation.assets import format_asset, parse_asset
from attestation.bodies.cash import DepositCash
from attestation.bodies.holdings import TransferUnits
from attestation.context import Context
from attestation.facts.market import TradeRecord
from attestation.judging.bounds import at_most, at_most_fen, money
from attestation.judging.units import check_operation
from attestation.refusals import refuse


def check_reversal_form(reverses: str | None) -> None:
    """Step 9: an operation, where a trade is named at all (``operation.*``)."""
    if reverses is not None:
        check_operation(reverses, "body.reverses")


def check_units_back(body: TransferUnits, reverses: str, context: Context) -> None:
    """Step 11: what the buyer got goes back to the seller, and no more of it (``reversal.*``)."""
    trade = _find_settled(reverses, context)
    found = f"{body.asset}, {body.sender} to {body.receiver}"
    if (parse_asset(body.asset), body.sender, body.receiver) != (trade.asset, trade.buyer, trade.seller):
        asset = format_asset(trade.asset)
        expected_zh = f"{asset}，{trade.buyer} 退回 {trade.seller}"
        raise refuse("reversal.parties", found, f"{asset}, {trade.buyer} to {trade.seller}", expected_zh=expected_zh)
    left = trade.tonnes - trade.tonnes_back
    if body.tonnes > left:
        bound = at_most(left)
        raise refuse("reversal.exceeds", f"{body.tonnes} t", bound.en, expected_zh=bound.zh)


def check_cash_back(body: DepositCash, reverses: str, context: Context) -> None:
    """Step 11: what the buyer paid comes back to it, and no more than that (``reversal.*``)."""
    trade = _find_settled(reverses, context)
    if body.account != trade.buyer:
        raise refuse("reversal.parties", body.account, f"the buyer {trade.buyer}", expected_zh=f"买方 {trade.buyer}")
    left = trade.paid_fen - trade.fen_back
    if body.fen > left:
        bound = at_most_fen(left)
        raise refuse("reversal.exceeds", money(body.fen), bound.en, expected_zh=bound.zh)


def _find_settled(reverses: str, context: Context) -> TradeRecord:
    trade = context.trade(bytes.fromhex(reverses))
    if trade is None:
        raise refuse("reversal.unknown", reverses)
    if not trade.settled:
        raise refuse("reversal.unsettled", reverses)
    return trade
