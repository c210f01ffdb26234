"""Queries that put statements of account together: whose accounts there are, which block they are as of, what all
accounts hold of an asset together. Accounts, assets and ``block`` as in ``ledger.db.assets``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from attestation.keys import Kind as Holder
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef
from ledger.db.asset_models import ChainMovementRow
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.asset_operations import same_operation
from ledger.db.block_time_models import ChainBlockTimeRow
from ledger.db.chain_models import (
    ChainBlockRow,
    ChainEventRow,
    ChainHeadRow,
    ChainIdentifierRow,
    ChainReadRow,
    OutboxRow,
)
from ledger.db.chain_queries import count, of_holder, sums, until
from ledger.db.log_models import IdentifierRow
from ledger.db.obligation_models import ChainScoreRow, ChainTermsRow

HOLDERS = (Holder.PARK.value, Holder.ENTERPRISE.value)
"""Whose accounts can hold units."""
_HEAD = 1
_ON_ITS_WAY = (State.PENDING.value, State.SENT.value)
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Circulation:
    """What all accounts hold of an asset, in tonnes, and how many accounts hold any."""

    registry: int = 0
    trading: int = 0
    frozen: int = 0
    accounts: int = 0


class AccountRepository:
    """Reads in the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def holder(self, identifier: str) -> IdentifierRow | None:
        """The enrolled park or enterprise of that name; None for everybody else."""
        row = self._session.get(IdentifierRow, identifier)
        return row if row is not None and row.kind in HOLDERS else None

    def holders(self, *, after: str | None, limit: int) -> Sequence[IdentifierRow]:
        """Enrolled parks and enterprises by name, above ``after``."""
        query = select(IdentifierRow).where(IdentifierRow.kind.in_(HOLDERS))
        query = query if after is None else query.where(IdentifierRow.identifier > after)
        return self._session.scalars(query.order_by(IdentifierRow.identifier).limit(limit)).all()

    def names(self, accounts: Collection[bytes]) -> Mapping[bytes, str]:
        """The identifiers of those account ids that the registry on chain knows."""
        wanted, found = sorted(accounts), dict[bytes, str]()
        row = ChainIdentifierRow
        # A statement has so many parameters at most.
        for start in range(0, len(wanted), _AT_A_TIME):
            some = wanted[start : start + _AT_A_TIME]
            query = select(row.account_id, row.identifier).where(row.account_id.in_(some))
            found.update((account, name) for account, name in self._session.execute(query))
        return found

    def head(self) -> ChainHeadRow | None:
        """Up to which block the chain was read, and which is final."""
        return self._session.get(ChainHeadRow, _HEAD)

    def read_at(self) -> int | None:
        """When the chain was last read to its head (unix seconds); None while what is known of it is not whole."""
        row = self._session.get(ChainReadRow, _HEAD)
        return None if row is None else row.read_at

    def block_hash(self, number: int) -> bytes | None:
        """The hash of a block, where the store keeps it."""
        row = self._session.get(ChainBlockRow, number)
        return None if row is None else row.hash

    def last_event(self, number: int) -> BlockRef | None:
        """The last block up to ``number`` with an event of our contracts."""
        latest = select(func.max(ChainEventRow.block_number)).where(ChainEventRow.block_number <= number)
        found = self._session.scalar(latest)
        row = None if found is None else self._session.get(ChainBlockRow, found)
        return None if row is None else BlockRef(row.number, row.hash)

    def block_at(self, time: int) -> int | None:
        """The last block with an event of our contracts that was made at ``time`` (unix seconds) or before."""
        row = ChainBlockTimeRow
        query = select(row.block_number).where(row.time <= time).order_by(row.time.desc(), row.block_number.desc())
        return self._session.scalar(query.limit(1))

    def times(self) -> tuple[int, int] | None:
        """When the first and the last block with an event were made; None where none is known."""
        first, last = self._session.execute(
            select(func.min(ChainBlockTimeRow.time), func.max(ChainBlockTimeRow.time))
        ).one()
        return None if first is None else (first, last)

    def circulation(self, asset: int, *, block: int | None = None) -> Circulation:
        """What all holders have of the asset. What is in trading a contract keeps for them: it is counted once."""
        row = ChainMovementRow
        each = select(row.account, *sums(row.in_registry, row.trading, row.frozen))
        each = each.where(row.asset == asset, of_holder(row.account))
        found = self._session.execute(until(each, row, block).group_by(row.account))
        held = [(count(registry), count(trading), count(frozen)) for _, registry, trading, frozen in found]
        return Circulation(
            registry=sum(one[0] for one in held),
            trading=sum(one[1] for one in held),
            frozen=sum(one[2] for one in held),
            accounts=sum(any(one) for one in held),
        )

    def assets_on_their_way(self, identifier: str) -> frozenset[int]:
        """The assets that accepted entries take from or bring to the account, and that are not on chain yet."""
        row = AssetOperationRow
        query = select(row.asset, row.kind).join(OutboxRow, same_operation())
        query = query.where(
            OutboxRow.state.in_(_ON_ITS_WAY), (row.account == identifier) | (row.receiver == identifier)
        )
        found: set[int] = set()
        for asset, kind in self._session.execute(query.distinct()):
            if asset is not None:
                # What is carried over arrives as the next vintage (DOMAIN 6).
                found |= {asset, asset + 1} if kind == Kind.CARRY_OVER else {asset}
        return frozenset(found)

    def term_years(self, *, block: int | None = None) -> Sequence[int]:
        """The years that have terms, ascending."""
        return sorted(self._session.scalars(until(select(ChainTermsRow.year).distinct(), ChainTermsRow, block)))

    def score_years(self, account: bytes, *, block: int | None = None) -> Sequence[int]:
        """The years of which a score of the account was published, ascending."""
        row = ChainScoreRow
        query = select(row.year).where(row.account == account, row.step == "published").distinct()
        return sorted(self._session.scalars(until(query, row, block)))
