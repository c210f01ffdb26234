"""Answers about what moved in an account (DOMAIN 21). Amounts are whole tonnes; cash moves in the exchange's books."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.block_models import AsOf
from api.models import HASH, Answer
from attestation.assets import ASSET_PATTERN, format_asset
from ledger.db.assets import Balance
from ledger.movement_views import AccountMovements, MovementView

_ASSET = Field(pattern=f"^({ASSET_PATTERN})$", description="`quota-2025`, or `ccer`.")


class Held(Answer):
    """What an account holds of an asset at a block."""

    registry: int
    trading: int
    frozen: int

    @classmethod
    def of(cls, held: Balance) -> Self:
        """From the projection."""
        return cls(registry=held.registry, trading=held.trading, frozen=held.frozen)


class MovedAsset(Answer):
    """An asset before the first and after the last of all movements that were asked for."""

    asset: str = _ASSET
    opening: Held = Field(description="Before `from_block`.")
    closing: Held = Field(description="At the block that the answer is as of.")


class Movement(Answer):
    """What one event changed: how much more of each, below 0 for less."""

    block: int
    log_index: int = Field(description="Place of the event in its block.")
    part: int = Field(description="0, or 1 for the second change of one event: what is carried over has two.")
    tx: str = Field(pattern=HASH)
    kind: str = Field(
        description="The event's name: `Issued`, `Allocated`, `Transferred`, `Surrendered`, `Settled`, …."
    )
    asset: str = _ASSET
    registry: int
    trading: int
    frozen: int
    counterparty: str | None = Field(
        description="The other account of a transfer, a trade, an allocation or a return; by account id where it has "
        "no name, as a contract that keeps units for holders."
    )
    freeze: str | None = Field(pattern=HASH, description="The freeze that units went into or came out of.")
    op_id: str | None = Field(pattern=HASH, description="The operation that brought it.")
    index: int | None = Field(description="Log position of the entry that asked for it.")

    @classmethod
    def of(cls, found: MovementView) -> Self:
        """From the log's view."""
        row = found.row
        return cls(
            block=row.block_number,
            log_index=row.log_index,
            part=row.part,
            tx=row.tx_hash.hex(),
            kind=row.kind,
            asset=format_asset(row.asset),
            registry=row.in_registry,
            trading=row.trading,
            frozen=row.frozen,
            counterparty=found.counterparty,
            freeze=None if row.freeze is None else row.freeze.hex(),
            op_id=None if row.op_id is None else row.op_id.hex(),
            index=row.entry_index,
        )


class Movements(Answer):
    """Movements of an account in the order of the chain. Of each asset opening and all movements add up to closing."""

    identifier: str
    account: str = Field(pattern=HASH)
    as_of: AsOf | None = Field(description="The last block that is asked for. Null where no chain was read.")
    from_block: int = Field(description="The first block that is asked for.")
    assets: list[MovedAsset] = Field(description="Of all pages together.")
    movements: list[Movement]
    next: str | None = Field(description="Ask with `after` set to it, and `block` to that of `as_of`, for more.")

    @classmethod
    def told(cls, found: AccountMovements, following: str | None) -> Self:
        """From the log's view."""
        nothing = Balance()
        return cls(
            identifier=found.identifier,
            account=found.account.hex(),
            as_of=AsOf.of(found.as_of),
            from_block=found.from_block,
            assets=[
                MovedAsset(
                    asset=format_asset(asset),
                    opening=Held.of(found.opening.get(asset, nothing)),
                    closing=Held.of(closing),
                )
                for asset, closing in found.closing.items()
            ],
            movements=[Movement.of(one) for one in found.movements],
            next=following,
        )
