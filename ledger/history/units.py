"""The way of units: what came into an account and what left it, of one asset, from whom, to whom and how often.

Units of an asset are alike: nobody can say which of them left, and nothing here does (no first in, first out). What is
told adds up: what was there, and what came, less what left, is what is there (law 3 and 5). Amounts are whole tonnes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from attestation.assets import quota_of, vintage_of
from attestation.identifiers import account_id
from ledger.as_of import AsOf, as_of, block_at
from ledger.db.account_queries import AccountRepository
from ledger.db.asset_models import ChainMovementRow
from ledger.db.assets import AssetRepository, Balance
from ledger.db.chain_queries import count, until
from ledger.db.exact_sum import exact_sum
from ledger.db.obligation_models import ChainSurrenderRow
from ledger.errors import OutOfRange

WITHIN: Final = frozenset({"Moved", "Swept", "CustodyTaken", "CustodyGiven", "Frozen", "FreezeLapsed", "Released"})
"""Events between an account's own balances: into trading and out of it, into a freeze and out of it. Whoever keeps the
units meanwhile keeps them for the account."""


@dataclass(frozen=True, slots=True)
class UnitFlow:
    """What events of one ``kind`` (the event's name) brought (``inward``) or took, all together. ``other``: the other
    account, by identifier where the registry on chain knows it, else its account id in hexadecimal; None where there is
    none. ``year``: of surrenders, whose obligation they met. ``asset``: of what is carried over, what it was or
    became."""

    kind: str
    inward: bool
    other: str | None
    year: int | None
    asset: int | None
    tonnes: int
    events: int
    first_block: int
    last_block: int


@dataclass(frozen=True, slots=True)
class UnitWay:
    """Flows of an account and an asset from ``from_block`` to the block it is ``as_of``; ``opening`` is what was there
    before them, ``closing`` what was there after, ``at`` the instant that was asked for."""

    identifier: str
    asset: int
    as_of: AsOf | None
    at: int | None
    from_block: int
    opening: Balance
    closing: Balance
    flows: tuple[UnitFlow, ...]


def way_of_units(
    session: Session, identifier: str, asset: int, *, from_block: int, block: int | None, at: int | None
) -> UnitWay | None:
    """The way of an asset's units through an account; None for what has none.

    Raises ``OutOfRange`` for a block or an instant that was not read (``accounts.block``, ``accounts.at``), and for a
    first block after the last (``movements.from_block``).
    """
    accounts, units = AccountRepository(session), AssetRepository(session)
    if accounts.holder(identifier) is None:
        return None
    block = block if at is None else block_at(accounts, at)
    seen, account = as_of(accounts, block), account_id(identifier)
    last = 0 if seen is None else seen.number
    if from_block > last:
        raise OutOfRange(
            "The flows begin after the last block that is asked for.",
            rule="movements.from_block",
            value=from_block,
            expected=f"0 to {last}",
            message_zh="起始区块晚于截至区块。",
        )
    return UnitWay(
        identifier,
        asset,
        seen,
        at,
        from_block,
        units.balances(account, block=from_block - 1).get(asset, Balance()),
        units.balances(account, block=last).get(asset, Balance()),
        _flows(session, account, asset, from_block, last),
    )


def _flows(session: Session, account: bytes, asset: int, first: int, last: int) -> tuple[UnitFlow, ...]:
    row, surrendered = ChainMovementRow, ChainSurrenderRow
    net = row.in_registry + row.trading + row.frozen
    came, of_year = case((net > 0, 1), else_=0).label("came"), surrendered.year.label("of_year")
    here = (row.account == account, row.asset == asset, row.block_number >= first, row.kind.not_in(WITHIN), net != 0)
    query = (
        select(row.kind, came, row.counterparty, of_year, exact_sum(net), func.count())
        .add_columns(func.min(row.block_number), func.max(row.block_number))
        # An operation surrenders once, one asset.
        .join(surrendered, (surrendered.op_id == row.op_id) & (row.kind == "Surrendered"), isouter=True)
        .where(*here)
        # By their names: to PostgreSQL the same expression with other parameters is another one.
        .group_by(row.kind, "came", row.counterparty, "of_year")
    )
    found = session.execute(until(query, row, last)).all()
    names = AccountRepository(session).names({other for _, _, other, *_ in found if other is not None})
    flows = [
        UnitFlow(
            kind,
            bool(inward),
            None if other is None else names.get(other, other.hex()),
            year,
            _carried(kind, asset, inward=bool(inward)),
            abs(count(tonnes)),
            events,
            begun,
            ended,
        )
        for kind, inward, other, year, tonnes, events, begun, ended in found
    ]
    return tuple(sorted(flows, key=_in_order))


def _in_order(flow: UnitFlow) -> tuple[bool, int, str, str, int]:
    """What came, then what left, each in the order of its first event."""
    return not flow.inward, flow.first_block, flow.kind, flow.other or "", flow.year or 0


def _carried(kind: str, asset: int, *, inward: bool) -> int | None:
    """Carry-over burns the old vintage and mints the next (DOMAIN 6)."""
    vintage = vintage_of(asset)
    if kind != "CarriedOver" or vintage is None:
        return None
    return quota_of(vintage - 1 if inward else vintage + 1)
