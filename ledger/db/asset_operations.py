"""Queries over what entries about units asked for, and over what of it is on its way to the chain."""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from attestation.assets import vintage_of
from ledger.chain.asset_intents import AllocatePartIntent
from ledger.chain.operations import CHOSEN_KINDS, Kind
from ledger.chain.outbox import State
from ledger.db.asset_operation_models import AssetOperationRow, OffsetSerialsRow
from ledger.db.chain_models import OutboxRow
from ledger.db.exact_sum import exact_sum, read_sum
from ledger.db.market_operations import MarketOperationRepository
from ledger.db.quota_models import AllocationRow

_ON_ITS_WAY = (State.PENDING.value, State.SENT.value)
_LEAVING = (
    Kind.TRANSFER,
    Kind.CANCEL_ORDER,
    Kind.FREEZE,
    Kind.FREEZE_AT_ONCE,
    Kind.CANCEL_UNITS,
    Kind.RETURN,
    Kind.SURRENDER,
    Kind.CARRY_OVER,
)
_ARRIVING = (Kind.ISSUE, Kind.CARRY_IN, Kind.CCER, Kind.RELEASE)
FREEZES = (Kind.FREEZE, Kind.FREEZE_AT_ONCE)


class AssetOperationRepository:
    """Reads and writes of ``asset_operations`` in the caller's transaction. Amounts are tonnes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: AssetOperationRow, serials: OffsetSerialsRow | None = None) -> None:
        """Add an operation and send it, so that the next statement of the same transaction sees it."""
        self._session.add(row)
        self._session.flush()
        if serials is not None:
            self._session.add(serials)
            self._session.flush()

    def taken(self, op_id: bytes) -> int | None:
        """The entry that named an operation, whatever type it is of: all of them are in the outbox."""
        query = select(OutboxRow.position).where(OutboxRow.op_id == op_id, OutboxRow.kind.in_(CHOSEN_KINDS))
        return self._session.scalar(query)

    def leaving(self, account: str, asset: int) -> int:
        """Tonnes that are on their way out of what the account holds freely."""
        row = AssetOperationRow
        out = and_(row.account == account, row.asset == asset, row.kind.in_(_LEAVING))
        # What is taken out of a freeze is not free.
        moved = self._flying(and_(out, (row.kind != Kind.TRANSFER) | row.freeze.is_(None)))
        traded = MarketOperationRepository(self._session).moving(account, asset, inward=True)
        return moved + traded + self._allocating(account, asset)

    def arriving(self, account: str, asset: int) -> int:
        """Tonnes that are on their way in."""
        row = AssetOperationRow
        given = and_(row.account == account, row.asset == asset, row.kind.in_(_ARRIVING))
        moved = and_(row.receiver == account, row.asset == asset, row.kind == Kind.TRANSFER)
        carried = and_(row.account == account, row.asset == asset - 1, row.kind == Kind.CARRY_OVER)
        traded = MarketOperationRepository(self._session).moving(account, asset, inward=False)
        return self._flying(given | moved | carried) + traded

    def flying(self, kind: Kind, account: str, year: int | None = None, *, assets: Collection[int] = ()) -> int:
        """Tonnes of one kind that are on their way for an account: of a year, of some assets, where given."""
        row = AssetOperationRow
        wanted = [row.kind == kind, row.account == account]
        wanted += [] if year is None else [row.year == year]
        wanted += [row.asset.in_(assets)] if assets else []
        return self._flying(and_(*wanted))

    def on_its_way(self, kind: Kind, account: str) -> bool:
        """Whether an operation of the kind is on its way for the account."""
        row = AssetOperationRow
        query = select(func.count()).select_from(row).join(OutboxRow, same_operation())
        query = query.where(row.kind == kind, row.account == account, OutboxRow.state.in_(_ON_ITS_WAY))
        return bool(self._session.scalar(query))

    def latest(
        self, *kinds: Kind, account: str | None = None, year: int | None = None, asset: int | None = None
    ) -> AssetOperationRow | None:
        """The last operation of these kinds that the contract did not refuse."""
        places = (("account", account), ("year", year), ("asset", asset))
        given = {name: value for name, value in places if value is not None}
        return self._session.scalars(_latest(kinds, tuple(given)), given).first()

    def freeze(self, op_id: bytes) -> AssetOperationRow | None:
        """The freeze of that operation, unless the contract refused it."""
        row = AssetOperationRow
        return self._session.scalars(self._standing().where(row.op_id == op_id, row.kind.in_(FREEZES))).one_or_none()

    def freeze_as_signed(self, op_id: bytes) -> AssetOperationRow:
        """The freeze of that operation, whatever became of it. Raises LookupError without one."""
        found = self._session.get(AssetOperationRow, op_id)
        if found is None or found.kind not in FREEZES:
            raise LookupError(f"no freeze 0x{op_id.hex()}")
        return found

    def taken_out(self, freeze: bytes) -> int:
        """Tonnes that were released or transferred out of a freeze, or are about to be."""
        row = AssetOperationRow
        query = self._standing(exact_sum(row.tonnes))
        found = self._session.scalar(query.where(row.freeze == freeze, row.kind.in_((Kind.RELEASE, Kind.TRANSFER))))
        return read_sum(found)

    def is_said(self, kind: Kind, freeze: bytes) -> bool:
        """Whether an operation of that kind about the freeze stands."""
        row = AssetOperationRow
        return bool(self._session.scalar(self._standing(func.count()).where(row.freeze == freeze, row.kind == kind)))

    def serials(self, series: str, first: int, last: int) -> tuple[OffsetSerialsRow, int] | None:
        """A row that shares a serial with the range, and its entry."""
        here = OffsetSerialsRow
        overlap = and_(here.series == series, here.first_serial <= last, here.last_serial >= first)
        return self._offsets(overlap)

    def cancellation(self, cancellation: str) -> tuple[OffsetSerialsRow, int] | None:
        """The row that names the cancellation, and its entry."""
        return self._offsets(OffsetSerialsRow.cancellation == cancellation)

    def _offsets(self, wanted: ColumnElement[bool]) -> tuple[OffsetSerialsRow, int] | None:
        here, row = OffsetSerialsRow, AssetOperationRow
        query = select(here, row.entry_index).join(row, row.op_id == here.op_id).where(wanted)
        found = self._session.execute(query.where(_not_refused()).order_by(row.entry_index).limit(1)).first()
        return None if found is None else (found[0], found[1])

    def _flying(self, wanted: ColumnElement[bool]) -> int:
        row = AssetOperationRow
        query = select(exact_sum(row.tonnes)).join(OutboxRow, same_operation())
        return read_sum(self._session.scalar(query.where(wanted, OutboxRow.state.in_(_ON_ITS_WAY))))

    def _allocating(self, reserve: str, asset: int) -> int:
        """Tonnes that parts of allocations on their way grant out of a reserve: no row of an operation says so."""
        run = AllocationRow
        query = select(OutboxRow.payload).join(run, run.entry_index == OutboxRow.position)
        query = query.where(run.reserve == reserve, run.year == vintage_of(asset))
        parts = query.where(OutboxRow.kind == Kind.ALLOCATE, OutboxRow.state.in_(_ON_ITS_WAY))
        told = (AllocatePartIntent.from_payload(json.loads(payload)) for payload in self._session.scalars(parts))
        return sum(item.granted for part in told for item in part.items)

    @staticmethod
    def _standing(*columns: ColumnElement[int]) -> Select[Any]:
        chosen: Select[Any] = select(*(columns or (AssetOperationRow,)))
        return chosen.select_from(AssetOperationRow).where(_not_refused())


@lru_cache(maxsize=256)
def _latest(kinds: tuple[Kind, ...], places: tuple[str, ...]) -> Select[AssetOperationRow]:
    """The last of these kinds by those columns: every order asks it, and making it takes longer than running it."""
    row = AssetOperationRow
    wanted = [getattr(row, name) == bindparam(name) for name in places]
    query = select(row).where(_not_refused(), row.kind.in_(kinds), *wanted)
    return query.order_by(row.entry_index.desc()).limit(1)


def _not_refused() -> ColumnElement[bool]:
    return ~select(OutboxRow.id).where(same_operation(), OutboxRow.state == State.REFUSED.value).exists()


def same_operation() -> ColumnElement[bool]:
    """Which row of the outbox is an operation's own: the id alone may be another contract's too."""
    return and_(OutboxRow.op_id == AssetOperationRow.op_id, OutboxRow.kind == AssetOperationRow.kind)
