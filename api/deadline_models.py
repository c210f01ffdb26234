"""Answers about deadlines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Literal, Self

from pydantic import Field

from api.models import Answer
from ledger.deadlines import Due


class Reminded(Answer):
    """A reminder that a channel took."""

    days: int = Field(description="So many days ahead of the deadline.")
    channel: Literal["webhook", "mail"]
    sent_at: int


class DueDate(Answer):
    """A deadline: in time is what the log accepted before `at`."""

    year: int
    enterprise: str | None = Field(description="Whose it is; null for the year's own dates.")
    name: str = Field(description="`evidence`, `report`, `registration`, `correction`, `objection`, `decision`, …")
    month: int | None = Field(description="Of `evidence`: the month, 1 to 12.")
    at: int
    entry: int | None = Field(description="Log position of the finding, verdict or objection that it counts from.")
    done: int | None = Field(description="Log position of the entry that did what was due.")
    done_at: int | None
    state: Literal["open", "met", "late", "missed", "over"]
    reminders: list[Reminded]

    @classmethod
    def told(cls, due: Due, now: int, reminded: Iterable[tuple[int, str, int]]) -> Self:
        """From the log's view, as of ``now`` (unix seconds)."""
        sent = [{"days": days, "channel": channel, "sent_at": at} for days, channel, at in reminded]
        return cls.model_validate({**asdict(due), "state": due.state(now).value, "reminders": sent})


class DueDates(Answer):
    """Deadlines in the order of time, year by year, as of `now`."""

    now: int
    deadlines: list[DueDate]
