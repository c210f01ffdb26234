"""What the events of a chunk of the chain change, kept until it is sent together.

Rows go through the driver, a table at a time: one by one, through mapped objects, they cost ten times as much as their
insert. Effects on the outbox are looked up together. Whoever asks the tables in between sees all of it first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from attestation.typed_data import Domain
from ledger.chain import outbox_blocks
from ledger.chain.operations import Kind
from ledger.chain.rpc import BlockRef
from ledger.db.base import Base
from ledger.settled_fills import Trade, mark_all_settled

_ASKED_TOGETHER = 500


class RowBuffer:
    """Changes of one chunk, in one transaction.

    Parameters
    ----------
    session
        Of the transaction.
    now
        Unix seconds; touches the outbox only.
    exchange
        The domain in which orders are signed, by which the outbox knows a fill; ``None``: there is no market.
    """

    def __init__(self, session: Session, *, now: int, exchange: Domain | None = None) -> None:
        self.mapped = session
        """For adding rows as mapped objects; who asks the tables takes :attr:`session`."""
        self.memory: dict[Hashable, Any] = {}
        """What is known of the rows so far: anything may be dropped from here, and is asked again."""
        self.now, self._exchange = now, exchange
        self._rows: dict[type[Base], list[tuple[Any, ...]]] = {}
        self._effects: list[tuple[bytes, BlockRef, Collection[Kind]]] = []
        self._trades: list[tuple[Trade, BlockRef]] = []

    @property
    def session(self) -> Session:
        """The session, after everything so far was sent."""
        self.flush()
        return self.mapped

    def add(self, table: type[Base], row: tuple[Any, ...]) -> None:
        """A row: a value for each of the table's columns, in their order."""
        rows = self._rows.get(table)
        if rows is None:
            self._rows[table] = [row]
        else:
            rows.append(row)

    def took_effect(self, op_id: bytes, block: BlockRef, kinds: Collection[Kind]) -> None:
        """The effect of an intent of one of these kinds is on chain, if there is one of that operation."""
        self._effects.append((op_id, block, kinds))

    def settled(self, trade: Trade, block: BlockRef) -> None:
        """A trade is on chain: so is the fill that it is."""
        self._trades.append((trade, block))

    def known(self, what: Hashable, ask: Callable[[Session], Any]) -> Any:
        """What is in memory, or asked of the tables now."""
        found = self.memory.get(what)
        if found is None:
            found = self.memory[what] = ask(self.session)
        return found

    def look_up(
        self, table: type[Base], columns: Sequence[str], key: str, values: Sequence[bytes]
    ) -> Iterator[Sequence[Any]]:
        """These columns of every row that has one of the values as its key, by the driver."""
        connection = self.session.connection()
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        for start in range(0, len(values), _ASKED_TOGETHER):
            some = tuple(values[start : start + _ASKED_TOGETHER])
            marks = ",".join([mark] * len(some))
            query = f"SELECT {','.join(columns)} FROM {table.__tablename__} WHERE {key} IN ({marks})"  # noqa: S608 - names of our own tables
            yield from connection.exec_driver_sql(query, some)

    def flush(self) -> None:
        """Send everything so far."""
        if not (self._rows or self._effects or self._trades):
            return
        rows, self._rows = self._rows, {}
        effects, self._effects = self._effects, []
        trades, self._trades = self._trades, []
        connection = self.mapped.connection()
        mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
        quote = connection.dialect.identifier_preparer.quote
        for table, values in rows.items():
            columns = [quote(column.name) for column in table.__table__.columns]
            marks = ",".join([mark] * len(columns))
            statement = f"INSERT INTO {table.__tablename__} ({','.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
            connection.exec_driver_sql(statement, values)
        outbox_blocks.take_effect(self.mapped, effects, now=self.now)
        if self._exchange is not None:
            mark_all_settled(self.mapped, self._exchange, trades, now=self.now)
