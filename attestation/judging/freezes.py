"""Freezes: what is frozen, confirmed, over, released (DOMAIN 22, 23)."""

from __future__ import annotations

from attestation.assets import format_asset, parse_asset
from attestation.bodies.holdings import FreezeUnits, LapseFreeze, ReleaseUnits, TransferUnits
from attestation.context import Context
from attestation.facts.assets import FreezeRecord
from attestation.instants import format_instant
from attestation.judging.bounds import at_most, before, since
from attestation.judging.units import HOLDERS, check_balance, find_account
from attestation.refusals import refuse

EMERGENCY_SECONDS = 86_400
"""How long an emergency freeze holds without approval (DOMAIN 23)."""


def check_freeze(body: FreezeUnits, context: Context) -> None:
    """Step 11: no more is frozen than is held (``account.*``, ``asset.balance``)."""
    find_account(body.account, HOLDERS, "body.account", context)
    check_balance(body.account, parse_asset(body.asset), body.tonnes, context)


def find_confirmable(op_id: bytes, context: Context) -> FreezeRecord:
    """Step 11: an emergency freeze that stands and waits for approval (``freeze.*``)."""
    freeze = _find(op_id, context)
    if freeze.confirmed or not freeze.emergency:
        raise refuse("freeze.approved", op_id.hex())
    _check_standing(freeze, context)
    return freeze


def check_lapse(body: LapseFreeze, context: Context) -> None:
    """Step 11: an emergency freeze whose time is over, and that nobody confirmed (``freeze.*``)."""
    freeze = _find(bytes.fromhex(body.freeze), context)
    if freeze.confirmed or not freeze.emergency:
        raise refuse("freeze.approved", body.freeze)
    if context.now < freeze.lapses_at:
        bound = since(freeze.lapses_at)
        raise refuse("freeze.early", format_instant(context.now), bound.en, expected_zh=bound.zh)
    _check_left(freeze, 1)


def check_release(body: ReleaseUnits, context: Context) -> None:
    """Step 11: no more is released than is frozen (``freeze.*``)."""
    _check_left(_find(bytes.fromhex(body.freeze), context), body.tonnes)


def check_taken_out(body: TransferUnits, op_id: str, context: Context) -> None:
    """Step 11: units that move out of a freeze are of that very freeze (``freeze.*``)."""
    freeze = _find(bytes.fromhex(op_id), context)
    if (freeze.account, freeze.asset) != (body.sender, parse_asset(body.asset)):
        frozen = f"{format_asset(freeze.asset)}, {freeze.account}"
        raise refuse("freeze.other", f"{body.asset}, {body.sender}", frozen)
    _check_standing(freeze, context)
    _check_left(freeze, body.tonnes)


def _find(op_id: bytes, context: Context) -> FreezeRecord:
    freeze = context.freeze(op_id)
    if freeze is None:
        raise refuse("freeze.unknown", op_id.hex())
    if freeze.lapsed:
        raise refuse("freeze.over", op_id.hex())
    return freeze


def _check_standing(freeze: FreezeRecord, context: Context) -> None:
    if freeze.emergency and not freeze.confirmed and context.now >= freeze.lapses_at:
        bound = before(freeze.lapses_at)
        raise refuse("freeze.late", format_instant(context.now), bound.en, expected_zh=bound.zh)


def _check_left(freeze: FreezeRecord, tonnes: int) -> None:
    if tonnes > freeze.left:
        bound = at_most(freeze.left)
        raise refuse("freeze.left", f"{tonnes} t", bound.en, expected_zh=bound.zh)
