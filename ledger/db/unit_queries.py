"""Queries over what was read of the ledger of units: what accounts hold, owe and have frozen, as of any block (law 5).

Accounts are account ids (32 bytes), assets as in ``attestation.assets``, amounts whole tonnes, instants Unix seconds.
``block`` is a block number up to which events count, ``None`` for all that was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import Session

from ledger.db.asset_models import (
    ChainAllocationRow,
    ChainConfirmationRow,
    ChainFreezeRow,
    ChainMovementRow,
    ChainOwedRow,
    ChainRunRow,
    ChainSuspensionRow,
)
from ledger.db.chain_queries import count, last, of_holder, sums, until


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds of an asset: free, the market's, in freezes."""

    registry: int = 0
    trading: int = 0
    frozen: int = 0


@dataclass(frozen=True, slots=True)
class Supply:
    """What became of an asset since the beginning; accounts hold ``held`` (law 3)."""

    issued: int = 0
    surrendered: int = 0
    cancelled: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class FreezeState:
    """A freeze of ``tonnes``, of which ``left`` are frozen still. ``lapses_at`` 0: approved by two persons."""

    freeze: bytes
    account: bytes
    asset: int
    tonnes: int
    left: int
    lapses_at: int
    document_hash: bytes
    entry_index: int
    block_number: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What an account owes back (DOMAIN 31), until when, and to whose account; ``reserve`` is ``None`` for nothing."""

    tonnes: int = 0
    due_at: int = 0
    reserve: bytes | None = None


@dataclass(frozen=True, slots=True)
class RunState:
    """An approved run. ``granted`` tonnes of it in ``parts_done`` parts are carried out."""

    run: bytes
    reserve: bytes
    vintage: int
    tonnes: int
    granted: int
    return_due: int
    parts_done: int
    entry_index: int


class UnitQueries:
    """Part of ``ledger.db.assets.AssetRepository``: the rows of ``ledger.db.asset_models``."""

    _session: Session

    def accounts(self, *, block: int | None = None) -> Sequence[bytes]:
        """Every account that ever held something, ascending."""
        query = until(select(ChainMovementRow.account).distinct(), ChainMovementRow, block)
        return sorted(self._session.scalars(query))

    def assets(self, *, block: int | None = None) -> Sequence[int]:
        """Every asset that ever was issued, ascending."""
        query = until(select(ChainMovementRow.asset).distinct(), ChainMovementRow, block)
        return sorted(self._session.scalars(query))

    def balances(self, account: bytes, *, block: int | None = None) -> Mapping[int, Balance]:
        """By asset, ascending, what the account holds; also of assets of which it has nothing left."""
        columns = sums(ChainMovementRow.in_registry, ChainMovementRow.trading, ChainMovementRow.frozen)
        query = select(ChainMovementRow.asset, *columns).where(ChainMovementRow.account == account)
        query = until(query, ChainMovementRow, block).group_by(ChainMovementRow.asset).order_by(ChainMovementRow.asset)
        return {asset: Balance(*map(count, held)) for asset, *held in self._session.execute(query)}

    def balance(self, account: bytes, asset: int, *, block: int | None = None) -> Balance:
        """What the account holds of one asset."""
        columns = sums(ChainMovementRow.in_registry, ChainMovementRow.trading, ChainMovementRow.frozen)
        query = select(*columns).where(ChainMovementRow.account == account, ChainMovementRow.asset == asset)
        return Balance(*map(count, self._session.execute(until(query, ChainMovementRow, block)).one()))

    def supply(self, asset: int, *, block: int | None = None) -> Supply:
        """What was issued, surrendered and cancelled of an asset, and what all holders have of it, wherever it is."""
        row = ChainMovementRow
        held = (case((of_holder(row.account), part), else_=0) for part in (row.in_registry, row.trading, row.frozen))
        columns = sums(row.issued, row.surrendered, row.cancelled, *held)
        query = until(select(*columns).where(row.asset == asset), row, block)
        issued, surrendered, cancelled, *parts = map(count, self._session.execute(query).one())
        return Supply(issued, surrendered, cancelled, sum(parts))

    def movements(
        self,
        account: bytes,
        *,
        block: int | None = None,
        after: tuple[int, int, int] = (-1, -1, -1),
        limit: int = 1_000,
    ) -> Sequence[ChainMovementRow]:
        """The account's movements in the order of the chain, beyond the place ``after`` (block, place of the event,
        part: one event may have two in the same account)."""
        row = ChainMovementRow
        beyond = tuple_(row.block_number, row.log_index, row.part) > tuple_(*after)
        query = until(select(row).where(row.account == account, beyond), row, block)
        return self._session.scalars(query.order_by(row.block_number, row.log_index, row.part).limit(limit)).all()

    def freezes(self, account: bytes, *, block: int | None = None) -> Sequence[FreezeState]:
        """The account's freezes of which something is left, in the order of the chain."""
        query = until(select(ChainFreezeRow).where(ChainFreezeRow.account == account), ChainFreezeRow, block)
        rows = self._session.scalars(query.order_by(ChainFreezeRow.block_number, ChainFreezeRow.log_index))
        return [state for state in (self._freeze_state(row, block) for row in rows) if state.left]

    def freeze(self, freeze: bytes, *, block: int | None = None) -> FreezeState | None:
        """The freeze of that operation, also one of which nothing is left; ``None`` if there is none."""
        query = until(select(ChainFreezeRow).where(ChainFreezeRow.op_id == freeze), ChainFreezeRow, block)
        row = self._session.scalars(query).one_or_none()
        return None if row is None else self._freeze_state(row, block)

    def freeze_lapses_at(self, freeze: bytes) -> int | None:
        """When the freeze lapses, 0 for never; ``None`` for one that was not read of the chain."""
        state = self.freeze(freeze)
        return None if state is None else state.lapses_at

    def owed(self, account: bytes, *, block: int | None = None) -> Owed:
        """What the account owes back."""
        row = last(self._session, ChainOwedRow, block, ChainOwedRow.account == account)
        return Owed() if row is None or row.tonnes == 0 else Owed(row.tonnes, row.due_at, row.reserve)

    def suspended_at(self, account: bytes, *, block: int | None = None) -> int:
        """Since when nothing leaves the account, 0 where it may."""
        row = last(self._session, ChainSuspensionRow, block, ChainSuspensionRow.account == account)
        return row.at if row is not None and row.suspended else 0

    def runs(self, *, block: int | None = None) -> Sequence[RunState]:
        """Every approved run, in the order of the chain."""
        query = until(select(ChainRunRow), ChainRunRow, block)
        rows = self._session.scalars(query.order_by(ChainRunRow.block_number, ChainRunRow.log_index))
        return [self._run_state(row, block) for row in rows]

    def run(self, run: bytes, *, block: int | None = None) -> RunState | None:
        """The run of that operation, ``None`` if it was not approved."""
        row = self._session.scalars(
            until(select(ChainRunRow).where(ChainRunRow.op_id == run), ChainRunRow, block)
        ).one_or_none()
        return None if row is None else self._run_state(row, block)

    def allocated(self, run: bytes, *, block: int | None = None) -> Sequence[ChainAllocationRow]:
        """The rows of a run that were carried out, by account id."""
        query = select(ChainAllocationRow).where(ChainAllocationRow.run == run).order_by(ChainAllocationRow.account)
        return self._session.scalars(until(query, ChainAllocationRow, block)).all()

    def _freeze_state(self, row: ChainFreezeRow, block: int | None) -> FreezeState:
        moved = select(*sums(ChainMovementRow.frozen)).where(ChainMovementRow.freeze == row.op_id)
        left = count(self._session.scalar(until(moved, ChainMovementRow, block)))
        confirmed = select(ChainConfirmationRow.op_id).where(ChainConfirmationRow.freeze == row.op_id).limit(1)
        approved = self._session.scalar(until(confirmed, ChainConfirmationRow, block)) is not None
        lapses_at = 0 if approved else row.lapses_at
        place = (row.document_hash, row.entry_index, row.block_number)
        return FreezeState(row.op_id, row.account, row.asset, row.tonnes, left, lapses_at, *place)

    def _run_state(self, row: ChainRunRow, block: int | None) -> RunState:
        done = select(*sums(ChainAllocationRow.granted), func.count(ChainAllocationRow.op_id.distinct()))
        done = until(done.where(ChainAllocationRow.run == row.op_id), ChainAllocationRow, block)
        granted, parts = self._session.execute(done).one()
        terms = (row.reserve, row.vintage, row.tonnes)
        return RunState(row.op_id, *terms, count(granted), row.return_due, parts, row.entry_index)
