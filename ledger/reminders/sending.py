"""Sends what is wanted, once each, whatever is killed.

One round (:meth:`Reminders.step`):

1. hold the lease of the role
2. every wanted message (a reminder of a deadline, a notice of a power) has a durable row, under a key that it has for
   ever
3. rows whose message is no longer wanted (done, moved, over, overtaken by a nearer one, or too old) are cancelled
4. what is left is delivered, and recorded as sent *after* the channel took it; a channel that did not answer is left
   alone until the next round

A process that dies between delivery and record delivers again, with the same key: the receiver knows it by that. What a
channel does not take is tried again, later each time, until it is not wanted any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ledger.chain.lease import Lease
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.policy_models import ReminderRow
from ledger.deadlines import DeadlineReader
from ledger.errors import LeaseLost
from ledger.notices import NoticeReader
from ledger.reminders.channels import Channel, Undelivered
from ledger.reminders.message import Message
from ledger.reminders.noticed import TOLD_SECONDS, told
from ledger.reminders.wanted import wanted

ROLE = "reminders"
FIRST_PAUSE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 3_600
_BATCH = 100
_DOUBLINGS = 16
_LEASE_SECONDS = 60
_ERROR_CHARACTERS = 500

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SentReport:
    """One round. ``idle``: another process sends."""

    idle: bool
    sent: int = 0
    failed: int = 0
    cancelled: int = 0


class Reminders:
    """The one sender of reminders and notices over ``channels``. ``holder``: unique per process start. ``clock``: unix
    seconds."""

    def __init__(
        self,
        database: Database,
        parameters: LogParameters,
        channels: Sequence[Channel],
        *,
        holder: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._parameters = parameters
        self._channels = {channel.name: channel for channel in channels}
        self._deadlines = DeadlineReader(database, parameters)
        self._notices = NoticeReader(database, parameters)
        self._lease = Lease(ROLE, holder, _LEASE_SECONDS)
        self._clock = clock

    def step(self) -> SentReport:
        """One round."""
        # 1: one process sends
        with self._database.write() as session:
            if not self._lease.acquire(session):
                return SentReport(idle=True)
        now = int(self._clock())
        reminders = self._wanted(now)
        # 2, 3: what is to be sent is durable before anything is
        with self._database.write() as session:
            self._lease.check(session)
            cancelled = self._plan(session, reminders, now)
            due = [self._due(session, channel, now) for channel in self._channels]
        # 4: delivered first, recorded then
        sent = failed = 0
        for keys in due:
            for key in keys:
                failure = self._deliver(key, *reminders[key])
                if failure is None:
                    sent += 1
                    continue
                failed += 1
                if not failure.answered:
                    # Waiting for it with each reminder would hold up the other channels, and the process's end.
                    break
        return SentReport(idle=False, sent=sent, failed=failed, cancelled=cancelled)

    def release(self) -> None:
        """Let another process send at once, and close the channels."""
        with self._database.write() as session:
            self._lease.release(session)
        for channel in self._channels.values():
            channel.close()

    def _wanted(self, now: int) -> dict[str, tuple[str, Message]]:
        """By key: the channel and the message."""
        found: dict[str, tuple[str, Message]] = {}
        for message in self._messages(now):
            for channel in self._channels:
                found[message.key(self._parameters.origin, channel)] = channel, message
        return found

    def _messages(self, now: int) -> Iterator[Message]:
        for year in self._deadlines.years():
            yield from wanted(self._deadlines.of_year(year, now), now)
        after = -1
        while page := self._notices.page(None, after=after, since=now - TOLD_SECONDS):
            yield from told(page)
            after = page[-1].index

    def _plan(self, session: Session, reminders: dict[str, tuple[str, Message]], now: int) -> int:
        for key, (channel, reminder) in reminders.items():
            row = session.get(ReminderRow, key)
            if row is None:
                session.add(_row(key, channel, reminder, now))
            elif row.sent_at is None and row.cancelled_at is not None:
                # What was done was undone, or a date moved back: it is wanted again.
                row.cancelled_at, row.next_at = None, now
        session.flush()
        cancelled = 0
        for row in session.scalars(_open()):
            if row.key not in reminders:
                row.cancelled_at = now
                cancelled += 1
        session.flush()
        return cancelled

    def _due(self, session: Session, channel: str, now: int) -> list[str]:
        query = _open().where(ReminderRow.next_at <= now, ReminderRow.channel == channel)
        rows = session.scalars(query.order_by(ReminderRow.due_at, ReminderRow.key).limit(_BATCH))
        return [row.key for row in rows]

    def _deliver(self, key: str, channel: str, message: Message) -> Undelivered | None:
        self._still_ours()
        failure: Undelivered | None = None
        try:
            self._channels[channel].deliver(message, key, self._parameters.origin)
        except Undelivered as error:
            failure = error
        now = int(self._clock())
        with self._database.write() as session:
            row = session.get_one(ReminderRow, key)
            row.attempts += 1
            row.error = None if failure is None else str(failure)[:_ERROR_CHARACTERS]
            if failure is None:
                row.sent_at = now
            else:
                row.next_at = now + _pause(row.attempts)
            attempts = row.attempts
        if failure is None:
            _logger.info("told by %s: %s, %d days ahead", channel, message.label, message.days)
        else:
            _logger.warning("%s did not take a reminder (attempt %d): %s", channel, attempts, failure)
        return failure

    def _still_ours(self) -> None:
        """Before every delivery: a process that slept past its lease must not tell what its successor tells."""
        with self._database.write() as session:
            self._lease.check(session)
            if not self._lease.acquire(session):
                raise LeaseLost("another process sends reminders", rule="lease.lost", message_zh="提醒已由另一进程发送")


def _open() -> Select[ReminderRow]:
    return select(ReminderRow).where(ReminderRow.sent_at.is_(None), ReminderRow.cancelled_at.is_(None))


def _pause(attempts: int) -> int:
    """Seconds until the next attempt after so many (1 or more): doubling, bounded."""
    pause: int = FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, _DOUBLINGS)
    return min(pause, LONGEST_PAUSE_SECONDS)


def _row(key: str, channel: str, message: Message, now: int) -> ReminderRow:
    return ReminderRow(
        key=key,
        channel=channel,
        enterprise=message.enterprise,
        year=message.year,
        deadline=message.label,
        due_at=message.at,
        days=message.days,
        created_at=now,
        next_at=now,
        attempts=0,
        sent_at=None,
        cancelled_at=None,
        error=None,
    )
