"""``intent``: what a holder does with its own units; the account is who signs. One struct per ``action``.

``signature`` (64 bytes, EIP-2098, in hex) is over the contract's message, by the very key that signs the statement.
``deadline``: the contract takes it before that instant.
"""

from __future__ import annotations

from attestation.bodies.assets import Action, AssetText, OperationText, Tonnes
from attestation.bodies.texts import InstantText, SignatureHexText, YearNumber


class IntentAction(Action, frozen=True, kw_only=True):
    """What every body of ``intent`` is."""


class SurrenderUnits(IntentAction, frozen=True, kw_only=True, tag="surrender"):
    """Units meet the obligation of a year, for good (DOMAIN 3, 5)."""

    op_id: OperationText
    year: YearNumber
    asset: AssetText
    tonnes: Tonnes
    deadline: InstantText
    signature: SignatureHexText


class CarryOverUnits(IntentAction, frozen=True, kw_only=True, tag="carry-over"):
    """Units of a vintage become those of the next one (DOMAIN 6)."""

    op_id: OperationText
    vintage: YearNumber
    tonnes: Tonnes
    deadline: InstantText
    signature: SignatureHexText


class CancelOwnUnits(IntentAction, frozen=True, kw_only=True, tag="cancel"):
    """The holder cancels units of its own (DOMAIN 22)."""

    op_id: OperationText
    asset: AssetText
    tonnes: Tonnes
    deadline: InstantText
    signature: SignatureHexText


class ReturnUnits(IntentAction, frozen=True, kw_only=True, tag="return"):
    """What is owed after reconciliation goes back to the reserve (DOMAIN 31)."""

    op_id: OperationText
    vintage: YearNumber
    tonnes: Tonnes
    deadline: InstantText
    signature: SignatureHexText


Intent = SurrenderUnits | CarryOverUnits | CancelOwnUnits | ReturnUnits
"""Body of ``intent``: one of the actions."""
