"""Answers about the way of units through an account (DOMAIN 5, 6, 16, 22). Amounts are whole tonnes."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.block_models import AsOf
from api.models import Answer
from api.movement_models import Held
from attestation.assets import ASSET_PATTERN, format_asset
from attestation.identifiers import account_id
from ledger import history

NOTE = "Units of an asset are alike: which of them left, and in which order, is not claimed (no first in, first out)."
NOTE_ZH = "同一资产的配额彼此无差别：不区分转出的是哪些配额，也不主张先进先出。"


class UnitFlow(Answer):
    """What events of one kind brought or took, all of them together."""

    kind: str = Field(
        description="The event's name: `Allocated`, `Settled` (a trade), `Transferred`, `Surrendered`, …."
    )
    other: str | None = Field(
        description="The other account; by account id where it has no name. Null where there is none."
    )
    year: int | None = Field(description="Of surrenders: whose obligation they met.")
    asset: str | None = Field(
        pattern=f"^({ASSET_PATTERN})$", description="What it was before it was carried over, or since."
    )
    tonnes: int
    events: int = Field(
        description="How many; each is a movement of the account (`/v1/accounts/{identifier}/movements`)."
    )
    first_block: int
    last_block: int

    @classmethod
    def of(cls, found: history.UnitFlow) -> Self:
        """From the log's view."""
        return cls(
            kind=found.kind,
            other=found.other,
            year=found.year,
            asset=None if found.asset is None else format_asset(found.asset),
            tonnes=found.tonnes,
            events=found.events,
            first_block=found.first_block,
            last_block=found.last_block,
        )


class UnitWay(Answer):
    """The way of units: `opening`, and all that came, less all that left, is `closing`, in tonnes of all balances."""

    identifier: str
    account: str
    asset: str = Field(pattern=f"^({ASSET_PATTERN})$", description="`quota-2025`, or `ccer`.")
    as_of: AsOf | None = Field(description="The last block that is asked for. Null where no chain was read.")
    at: int | None = Field(description="The instant that was asked for, unix seconds.")
    from_block: int
    opening: Held = Field(description="Before `from_block`.")
    inward: list[UnitFlow] = Field(description="What came, in the order of the first event of each.")
    outward: list[UnitFlow] = Field(description="What left. What stays the account's, in trading or frozen, did not.")
    closing: Held = Field(description="At the block that the answer is as of.")
    note: str
    note_zh: str

    @classmethod
    def told(cls, found: history.UnitWay) -> Self:
        """From the log's view."""
        return cls(
            identifier=found.identifier,
            account=account_id(found.identifier).hex(),
            asset=format_asset(found.asset),
            as_of=AsOf.of(found.as_of),
            at=found.at,
            from_block=found.from_block,
            opening=Held.of(found.opening),
            inward=[UnitFlow.of(one) for one in found.flows if one.inward],
            outward=[UnitFlow.of(one) for one in found.flows if not one.inward],
            closing=Held.of(found.closing),
            note=NOTE,
            note_zh=NOTE_ZH,
        )
