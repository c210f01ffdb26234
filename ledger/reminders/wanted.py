"""Which reminders are wanted at a moment: of each open deadline the nearest one that has begun. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from attestation.instants import format_instant
from ledger.deadlines import Due, DueState, YearDues, label_of

_NAMES_ZH = {
    "evidence": "月度数据上报",
    "report": "排放报告",
    "registration": "排放量登记",
    "allocation": "最终分配",
    "surrender": "清缴",
    "carry_over": "结转",
    "close": "年度关闭",
    "correction": "不符合项整改",
    "objection": "对核查结论提出异议",
    "decision": "对异议作出决定",
}
_MARK = b"tanlu-reminder\x00"


@dataclass(frozen=True, slots=True)
class Reminder:
    """That ``due`` is at most ``days`` days (of its calendar) ahead."""

    due: Due
    days: int

    @property
    def enterprise(self) -> str | None:
        """Whose deadline it is; None for the year's."""
        return self.due.enterprise

    @property
    def year(self) -> int:
        """The compliance year."""
        return self.due.year

    @property
    def label(self) -> str:
        """The deadline's name, with its month where it has one."""
        return label_of(self.due)

    @property
    def at(self) -> int:
        """The deadline."""
        return self.due.at

    def members(self) -> Mapping[str, object]:
        """See ``ledger.reminders.message.Message``."""
        due = self.due
        return {
            "type": "reminder",
            "enterprise": due.enterprise,
            "year": due.year,
            "deadline": due.name,
            "month": due.month,
            "entry": due.entry,
            "due_at": format_instant(due.at),
            "days": self.days,
        }

    def key(self, log: str, channel: str) -> str:
        """Its name for ever, over a channel: SHA-256 in hex. Another instant of the deadline is another reminder."""
        due = self.due
        parts = [log, channel, due.enterprise, due.year, label_of(due), due.entry, due.at, self.days]
        return hashlib.sha256(_MARK + json.dumps(parts, ensure_ascii=False).encode()).hexdigest()

    def subject(self) -> str:
        """One line in English and Chinese."""
        due = self.due
        who = "" if due.enterprise is None else f" {due.enterprise}"
        month = "" if due.month is None else f" {due.year}-{due.month:02}"
        name = due.name.replace("_", "-")
        return (
            f"Tanlu{who} {due.year}: {name}{month} due within {self.days} d / "
            f"碳录{who} {due.year} 年度：{_NAMES_ZH[due.name]}{month}将于 {self.days} 天内截止"
        )

    def text(self) -> str:
        """What is due, for whom, and before when, in English and Chinese."""
        due, at = self.due, format_instant(self.due.at)
        who = "the compliance year" if due.enterprise is None else due.enterprise
        who_zh = "本履约年度" if due.enterprise is None else due.enterprise
        month = "" if due.month is None else f" of {due.year}-{due.month:02}"
        month_zh = "" if due.month is None else f"（{due.year}-{due.month:02}）"
        name = due.name.replace("_", "-")
        return (
            f"{who}, year {due.year}: {name}{month} is due before {at}.\n"
            f"{who_zh}，{due.year} 年度：{_NAMES_ZH[due.name]}{month_zh}须在 {at} 之前完成。\n"
        )


def wanted(year: YearDues, now: int) -> list[Reminder]:
    """The reminders that should have gone out by ``now`` (unix seconds), for deadlines that are still open: of the days
    ahead that the rules name (30, 7, 1 by DOMAIN 47) the smallest that has begun. One that was slept through is not
    made up for: the next one says the same, more urgently."""
    found = []
    for due in year.dues:
        if due.state(now) is not DueState.OPEN:
            continue
        begun = [days for days in year.rules.reminder_days if now >= due.at - days * year.calendar.day_seconds]
        if begun:
            found.append(Reminder(due, min(begun)))
    return found
