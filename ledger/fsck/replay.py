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
from typing import Any, TypeVar

from sqlalchemy import select, update
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
from ledger.fsck.store import Store

_Context = TypeVar("_Context", bound=LedgerContext)


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
        self._met: list[tuple[bytes, str]] = []
        self._standing: LogState | None = None
        self._context = self._fresh(0, 0)

    def commit(self) -> None:
        """Make what was established so far readable to others; the scratch store goes with the check all the same."""
        self._session.commit()

    def store(self) -> Store:
        """What was established so far, for reading."""
        self._session.flush()
        return Store(self._session.connection())

    def context(self, kind: type[_Context], next_index: int, now: int) -> _Context:
        """The store as verification meets it at that position and second, by a context of a kind of one's own."""
        return kind(self._session, self._parameters, self._state(next_index), now)

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
            yield
            before.rollback()

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
        row = self._session.get(Stream, stream_id)
        if row is None:
            self._session.add(Stream(id=stream_id, issuer=name[0], name=name[1], **standing))
        else:
            for column, value in standing.items():
                setattr(row, column, value)
        self._session.flush()

    def apply(self, row: dict[str, Any], statement: Statement) -> None:
        """Apply what an entry establishes; ``row`` has the columns of ``entries``, good ones.

        Raises whatever acceptance would have raised; the replay stands where it stood then.
        """
        self.place(row["stream_id"], (statement.iss, statement.stream), statement.seq)
        if isinstance(statement.body, Reading | Close):
            return
        with self._session.begin_nested():
            context = self._fresh(row["idx"] + 1, row["accepted_at"])
            self._entries.insert_entries([row])
            effects.apply(self._session, context, statement, row["idx"])
            self._refuse(row["idx"])
            self._session.flush()
        # Key records are kept by a context: what this entry changed is for the next one.
        self._context = self._fresh(row["idx"] + 1, row["accepted_at"])

    def _refuse(self, index: int) -> None:
        if not self._refused:
            return
        for wish in self._session.scalars(select(OutboxRow).where(OutboxRow.position == index)):
            if (wish.op_id, wish.kind) in self._refused:
                wish.state = State.REFUSED.value
                self._met.append((wish.op_id, wish.kind))

    def place(self, stream_id: int, name: tuple[str, str], seq: int, last_seq: int | None = None) -> None:
        """Take an entry's seq, or those of several up to ``last_seq``: what they leave open below, or fill. Raises
        RuntimeError where a seq is not free."""
        last_seq = seq if last_seq is None else last_seq
        if stream_id not in self._highest:
            empty = dict.fromkeys(
                ("last_seq", "count", "closed_seq", "closed_until", "head_seq", "head_start", "head_end"), 0
            )
            self._session.add(Stream(id=stream_id, issuer=name[0], name=name[1], **empty))
            self._session.flush()
        highest = self._highest.setdefault(stream_id, 0)
        self._highest[stream_id] = max(highest, last_seq)
        if seq > highest + 1:
            self._gaps.skip(stream_id, highest + 1, seq - 1)
        elif seq <= highest:
            self._gaps.fill(stream_id, seq, last_seq)

    def _fresh(self, next_index: int, now: int) -> LedgerContext:
        return self.context(LedgerContext, next_index, now)

    def _state(self, next_index: int) -> LogState:
        # Asked once: nobody else writes to the scratch store, and a few contexts are made for every entry.
        if self._standing is None:
            self._standing = self._entries.state()
        self._standing.next_index = next_index
        return self._standing


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
