"""One holder at a time for a role of which there must be one, through the database, with a fencing token.

A lease alone cannot stop a process that slept past its expiry; the token can: every write of the role's work runs
:meth:`Lease.check` in its own transaction and fails if somebody took over meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger.db.chain_models import LeaseRow
from ledger.db.clock import database_time
from ledger.errors import LeaseLost


@dataclass(slots=True)
class Lease:
    """A claim on ``name`` by ``holder`` for ``seconds`` after each renewal.

    Parameters
    ----------
    name
        The role, for example ``relayer``.
    holder
        Unique per process start, at most 64 characters.
    seconds
        Lifetime of a claim; longer than one round of the role's work.
    clock
        Unix seconds; by default the database's own, so that machines whose clocks differ agree on when a claim ends.
    """

    name: str
    holder: str
    seconds: int = 10
    clock: Callable[[], float] | None = None
    token: int | None = None

    def acquire(self, session: Session) -> bool:
        """Take or renew the claim in ``session``'s transaction; ``False`` while another holder's is alive."""
        row = session.execute(select(LeaseRow).where(LeaseRow.name == self.name).with_for_update()).scalar_one_or_none()
        # After the lock: a wait for it would make a renewal older than it is.
        now = int(database_time(session) if self.clock is None else self.clock())
        if row is None:
            # Whoever else starts at this moment inserts too: one of us finds the other's row.
            first = {"name": self.name, "holder": self.holder, "token": 1, "expires_at": now + self.seconds}
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            session.execute(dialect.insert(LeaseRow).values(**first).on_conflict_do_nothing())
            row = session.execute(select(LeaseRow).where(LeaseRow.name == self.name).with_for_update()).scalar_one()
        if row.holder == self.holder:
            row.expires_at = now + self.seconds
        elif row.expires_at > now:
            self.token = None
            return False
        else:
            row.holder, row.token, row.expires_at = self.holder, row.token + 1, now + self.seconds
        self.token = row.token
        return True

    def check(self, session: Session) -> None:
        """Raise :class:`LeaseLost` unless the claim last taken still stands; locks it for this transaction."""
        row = session.execute(select(LeaseRow).where(LeaseRow.name == self.name).with_for_update()).scalar_one_or_none()
        if row is None or self.token is None or (row.holder, row.token) != (self.holder, self.token):
            raise LeaseLost(
                f"another process holds the {self.name} lease",
                rule="lease.lost",
                value="nobody" if row is None else f"{row.holder}, token {row.token}",
                expected=f"{self.holder}, token {self.token}",
                message_zh=f"{self.name} 租约已由另一进程持有",
            )

    def release(self, session: Session) -> None:
        """Give the claim back, so that the next holder need not wait for its end."""
        row = session.execute(select(LeaseRow).where(LeaseRow.name == self.name).with_for_update()).scalar_one_or_none()
        if row is not None and (row.holder, row.token) == (self.holder, self.token):
            row.expires_at = 0
        self.token = None
