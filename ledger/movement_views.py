"""What moved in an account between two blocks: what it held before, each event, what it held after (DOMAIN 21, law 5).

Every call is one snapshot of the store. Assets as in ``attestation.assets``; amounts are whole tonnes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from attestation.identifiers import account_id
from ledger.as_of import AsOf, as_of
from ledger.db.account_queries import AccountRepository
from ledger.db.asset_models import ChainMovementRow
from ledger.db.assets import AssetRepository, Balance
from ledger.db.base import Database
from ledger.errors import OutOfRange

MOVEMENTS_SHOWN = 1_000
"""A page of movements holds at most this many."""

Place = tuple[int, int, int]
"""Block, place of the event in it, part of the event."""
FIRST: Place = (-1, -1, -1)


@dataclass(frozen=True, slots=True)
class MovementView:
    """What one event changed in the account. ``counterparty``: the other account's identifier where the registry on
    chain knows it, else its account id in hexadecimal; None where there is none."""

    row: ChainMovementRow
    counterparty: str | None

    @property
    def place(self) -> Place:
        """Where it stands on the chain."""
        return self.row.block_number, self.row.log_index, self.row.part


@dataclass(frozen=True, slots=True)
class AccountMovements:
    """Movements from ``from_block`` to the block it is ``as_of``. ``opening`` and ``closing``: by asset what the
    account held before the first and after the last of all of them, also of those on other pages."""

    identifier: str
    account: bytes
    as_of: AsOf | None
    from_block: int
    opening: Mapping[int, Balance]
    closing: Mapping[int, Balance]
    movements: tuple[MovementView, ...]


class MovementReader:
    """Reads of movements. Raises ``OutOfRange`` for a block that was not read (``accounts.block``), and for a first
    block after the last (``movements.from_block``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, identifier: str, *, from_block: int, block: int | None, after: Place = FIRST, limit: int = MOVEMENTS_SHOWN
    ) -> AccountMovements | None:
        """Up to ``limit`` movements beyond ``after`` in the order of the chain; None for what has no account."""
        with self._database.read() as session:
            accounts, units = AccountRepository(session), AssetRepository(session)
            if accounts.holder(identifier) is None:
                return None
            at, account = as_of(accounts, block), account_id(identifier)
            last = 0 if at is None else at.number
            if from_block > last:
                raise OutOfRange(
                    "The movements begin after the last block that is asked for.",
                    rule="movements.from_block",
                    value=from_block,
                    expected=f"0 to {last}",
                    message_zh="起始区块晚于截至区块。",
                )
            rows = units.movements(account, block=last, after=max(after, (from_block, -1, -1)), limit=limit)
            return AccountMovements(
                identifier,
                account,
                at,
                from_block,
                units.balances(account, block=from_block - 1),
                units.balances(account, block=last),
                tuple(_views(session, rows)),
            )


def _views(session: Session, rows: Sequence[ChainMovementRow]) -> list[MovementView]:
    others = {row.counterparty for row in rows if row.counterparty is not None}
    names = AccountRepository(session).names(others)
    return [
        MovementView(row, None if (other := row.counterparty) is None else names.get(other, other.hex()))
        for row in rows
    ]
