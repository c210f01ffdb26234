"""What the entries establish, applied anew to an empty store of its own: identifiers, keys, policies, reports, gaps
and losses, wishes.

The rules are those of acceptance (``ledger.effects``), since a second copy of them would only drift. Readings and
closes are not copied: the scratch store is small however long the log is, and is gone with the check.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from attestation.context import KeyRecord
from attestation.keys import Kind
from attestation.statements import Close, Reading, Statement
from attestation.verification import find_key
from ledger import effects
from ledger.chain.outbox import State
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Base, Database
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.gaps import GapRepository
from ledger.db.log_models import LogState, Stream
from ledger.db.market import MarketRepository
from ledger.db.market_operations import MarketOperationRepository
from ledger.fsck.held_rows import HeldRows
from ledger.fsck.store import Store
from ledger.streams import Head

_Context = TypeVar("_Context", bound=LedgerContext)
_ANEW: Final = 512
"""After so many entries the market's rows are read anew, so that not all of them are kept."""
_STANDING_COLUMNS = ("last_seq", "count", "closed_seq", "closed_until", "head_seq", "head_start", "head_end")
_OUTBOX = Base.metadata.tables[OutboxRow.__tablename__]
_WISHES = select(_OUTBOX.c.op_id, _OUTBOX.c.kind).where(_OUTBOX.c.position == bindparam("index"))
_WISH = select(OutboxRow).where(OutboxRow.op_id == bindparam("op_id"), OutboxRow.kind == bindparam("kind"))


class Replay:
    """The scratch store inside one transaction, which nothing but :meth:`commit` ends.

    ``refused``: operations (id and kind) that contracts finally refused. Terms, prices and fills among them count for
    nothing in what later entries establish; that a contract said so is in no entry.
    """

    def __init__(
        self,
        database: Database,
        session: Session,
        parameters: LogParameters,
        refused: Collection[tuple[bytes, str]] = (),
    ) -> None:
        self.database = database
        self._refused = frozenset(refused)
        self._session = session
        self._parameters = parameters
        self._entries = EntryRepository(session)
        self._entries.initialise(parameters.origin)
        self._gaps = GapRepository(session)
        self._highest: dict[int, int] = {}
        self._heads: dict[tuple[str, str], Head] = {}
        self._moved: list[Head] = []
        self._applied = 0
        self._market = self._market_anew()
        self._met: list[tuple[bytes, str]] = []
        self._held: HeldRows | None = HeldRows(session)
        # Apart from the session: it changes with every entry and is read by nobody before all of them are applied.
        self._standing = self._entries.state()
        session.expunge(self._standing)
        self._context = self._fresh(0, 0)

    def commit(self) -> None:
        """Make what was established so far readable to others; the scratch store goes with the check all the same."""
        self._write_standing()
        self._session.commit()
        if self._held is not None:
            self._held.let_go()
            self._held = None

    def store(self) -> Store:
        """What was established so far, for reading."""
        self._write_standing()
        self._session.flush()
        return Store(self._session.connection())

    def context(self, kind: type[_Context], next_index: int, now: int) -> _Context:
        """The store as verification meets it at that position and second, by a context of a kind of one's own."""
        self._move_heads()
        context = kind(self._session, self._parameters, self._state(next_index), now)
        context.know_heads(self._heads)
        context.market, context.market_operations = self._market
        return context

    @property
    def refusals(self) -> int:
        """How many of the refused operations the entries so far asked for."""
        return len(self._met)

    @contextmanager
    def refused_so_far(self, count: int) -> Iterator[None]:
        """The store as it stood when only the first ``count`` of :attr:`refusals` were known, and the others on their
        way: an entry was judged before or after a contract's word, and nothing says which."""
        with self._session.begin_nested() as before:
            for op_id, kind in self._met[count:]:
                row = update(OutboxRow).where(OutboxRow.op_id == op_id, OutboxRow.kind == kind)
                self._session.execute(row.values(state=State.PENDING.value))
            self._market = self._market_anew()
            yield
            before.rollback()
        self._market = self._market_anew()

    def find_key(self, statement: Statement) -> KeyRecord:
        """The key by which the statement says it is signed, as of where the replay stands. Raises AttestationError."""
        return find_key(statement, self._context)

    def key(self, issuer: str, thumbprint: str) -> KeyRecord | None:
        """A key of an identifier, as of where the replay stands."""
        return self._context.key(issuer, thumbprint)

    def kind(self, identifier: str) -> Kind | None:
        """What an enrolled identifier is."""
        found = self._context.identifier(identifier)
        return None if found is None else found.kind

    def stand(self, stream_id: int, name: tuple[str, str], standing: Mapping[str, int]) -> None:
        """Write where a stream stands: columns of ``streams`` by name."""
        self._open(stream_id, name)
        head = self._heads[name] = Head(
            id=stream_id,
            last_seq=standing["last_seq"],
            count=standing["count"],
            closed_seq=standing["closed_seq"],
            closed_until=standing["closed_until"],
            head_seq=standing["head_seq"],
            head_start=standing["head_start"],
            head_end=standing["head_end"],
        )
        self._moved.append(head)

    def apply(self, row: dict[str, Any], statement: Statement) -> None:
        """Apply what an entry establishes; ``row`` has the columns of ``entries``, good ones.

        Raises whatever acceptance would have raised; the replay stands where it stood then.
        """
        self.place(row["stream_id"], (statement.iss, statement.stream), statement.seq)
        if isinstance(statement.body, Reading | Close):
            return
        self._applied += 1
        if self._applied % _ANEW == 0:
            self._market = self._market_anew()
        try:
            with self._session.begin_nested():
                context = self._fresh(row["idx"] + 1, row["accepted_at"])
                self._entries.insert_entries([row])
                effects.apply(self._session, context, statement, row["idx"])
                self._refuse(row["idx"])
                self._session.flush()
        except BaseException:
            self._market = self._market_anew()
            raise
        # Key records are kept by a context: what this entry changed is for the next one.
        self._context = self._fresh(row["idx"] + 1, row["accepted_at"])

    def _refuse(self, index: int) -> None:
        if not self._refused:
            return
        self._session.flush()
        for op_id, kind in self._session.connection().execute(_WISHES, {"index": index}).all():
            if (op_id, kind) in self._refused:
                wish = self._session.scalars(_WISH, {"op_id": op_id, "kind": kind}).one()
                wish.state = State.REFUSED.value
                self._met.append((op_id, kind))
                self._market = self._market_anew()

    def place(self, stream_id: int, name: tuple[str, str], seq: int, last_seq: int | None = None) -> None:
        """Take an entry's seq, or those of several up to ``last_seq``: what they leave open below, or fill. Raises
        RuntimeError where a seq is not free."""
        last_seq = seq if last_seq is None else last_seq
        highest = self._open(stream_id, name)
        self._highest[stream_id] = max(highest, last_seq)
        if seq > highest + 1:
            self._gaps.skip(stream_id, highest + 1, seq - 1)
        elif seq <= highest:
            self._gaps.fill(stream_id, seq, last_seq)

    def _open(self, stream_id: int, name: tuple[str, str]) -> int:
        """The highest seq of a stream, which has a row from now on."""
        if stream_id not in self._highest:
            row = Stream(id=stream_id, issuer=name[0], name=name[1], **dict.fromkeys(_STANDING_COLUMNS, 0))
            self._session.add(row)
            self._session.flush()
            self._session.expunge(row)
            self._highest[stream_id] = 0
        return self._highest[stream_id]

    def _fresh(self, next_index: int, now: int) -> LedgerContext:
        return self.context(LedgerContext, next_index, now)

    def _state(self, next_index: int) -> LogState:
        self._standing.next_index = next_index
        return self._standing

    def _market_anew(self) -> tuple[MarketRepository, MarketOperationRepository]:
        """The market's rows as the store has them: orders, days and terms are kept from one entry to the next, until
        what they were read from is taken back or said to be refused."""
        return MarketRepository(self._session), MarketOperationRepository(self._session)

    def _move_heads(self) -> None:
        # Every entry moves the head of its stream: through the driver, as a bulk transaction does.
        self._entries.move_heads(self._moved)
        self._moved.clear()

    def _write_standing(self) -> None:
        self._move_heads()
        row = update(LogState).where(LogState.id == self._standing.id).values(next_index=self._standing.next_index)
        self._session.execute(row.execution_options(synchronize_session=False))


@contextmanager
def replaying(parameters: LogParameters, refused: Collection[tuple[bytes, str]] = ()) -> Iterator[Replay]:
    """A replay over an empty scratch store, removed afterwards; ``refused`` as of :class:`Replay`."""
    with tempfile.TemporaryDirectory(prefix="tanlu-fsck-") as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.sqlite3'}")
        try:
            Base.metadata.create_all(database.engine)
            with Session(database.writer, expire_on_commit=False) as session:
                yield Replay(database, session, parameters, refused)
        finally:
            database.close()
