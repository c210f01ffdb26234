"""Offsets: what a CCER entry is and when it is accepted (DOMAIN 4).

An entry records one irrevocable cancellation in the national registry. What is eligible are dated parameters: which
ones hold is the caller's choice, by the day of the entry; the day comes in as an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quota.identifiers import check_identifier
from quota.refusals import refuse
from quota.units import MAX_UNITS, check_units

_TEXT = re.compile(r"[^\W_](?:[^\x00-\x1f\x7f]{0,126}\S)?")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class OffsetRules:
    """The parameters of eligibility.

    `registry_opened`: entries that were registered before are of the old registry, `old_unusable_from` the first day on
    which those are refused. `reductions_after`, `project_start_after`: days that must be over. `claim_years`: years
    from the first day of the monitoring period within which the reductions are claimed.
    """

    registry_opened: date = date(2024, 1, 22)
    old_unusable_from: date = date(2024, 12, 31)
    reductions_after: date = date(2020, 9, 22)
    claim_years: int = 5
    project_start_after: date = date(2012, 11, 8)


DEFAULT_OFFSETS = OffsetRules()
"""The national rules of 2024."""


@dataclass(frozen=True, slots=True)
class SerialRange:
    """Serials `first` to `last`, both included, under a `prefix`; one serial is one tonne."""

    prefix: str
    first: int
    last: int

    def __post_init__(self) -> None:
        _check_text(self.prefix, "serials.prefix")
        if type(self.first) is not int or type(self.last) is not int or not 0 <= self.first <= self.last <= MAX_UNITS:
            raise refuse("offset.serials", f"{self.first} to {self.last}", at=f"serials.{self.prefix}")

    @property
    def tonnes(self) -> int:
        """How many serials there are."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{self.prefix} {self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class CcerEntry:
    """One cancellation: its id and day, project and methodology, monitoring period (first and last day), days of the
    claim and of the registration, serials with as many tonnes, hash of the document (SHA-256, hexadecimal) and the
    beneficiary that it names. `quota_managed`: the reductions arose under quota management."""

    cancellation: str
    project: str
    methodology: str
    project_start: date
    monitored_from: date
    monitored_to: date
    claimed_on: date
    registered_on: date
    cancelled_on: date
    serials: tuple[SerialRange, ...]
    tonnes: int
    document_hash: str
    beneficiary: str
    quota_managed: bool = False

    def __post_init__(self) -> None:
        for member in ("cancellation", "project", "methodology"):
            _check_text(getattr(self, member), member)
        check_identifier(self.beneficiary)
        if not isinstance(self.document_hash, str) or _HASH.fullmatch(self.document_hash) is None:
            raise refuse("offset.document_hash", self.document_hash, at=self.cancellation)
        check_disjoint(self.serials)
        total = sum(one.tonnes for one in self.serials)
        if not self.serials or check_units(self.tonnes, self.cancellation) != total:
            raise refuse(
                "offset.quantity",
                f"{self.tonnes} t",
                f"{total} t, one for each serial",
                at=self.cancellation,
                expected_zh=f"{total} 吨，每号一吨",
            )
        if not self.project_start <= self.monitored_from <= self.monitored_to:
            raise refuse("offset.period", f"{self.monitored_from} to {self.monitored_to}", at=self.cancellation)
        days = (self.monitored_to, self.claimed_on, self.registered_on, self.cancelled_on)
        if list(days) != sorted(days):
            raise refuse("offset.order", ", ".join(str(day) for day in days), at=self.cancellation)


def check_eligible(entry: CcerEntry, *, on: date, rules: OffsetRules = DEFAULT_OFFSETS) -> None:
    """That an entry may be made on the day `on` (DOMAIN 4).

    Raises OffsetRefused: `offset.quota_managed`, `.project_start`, `.reductions`, `.claim`, `.registry`, `.order`.
    """
    place = entry.cancellation
    if entry.quota_managed:
        raise refuse("offset.quota_managed", entry.project, at=place)
    if entry.project_start <= rules.project_start_after:
        raise refuse(
            "offset.project_start",
            entry.project_start,
            f"after {rules.project_start_after}",
            at=place,
            expected_zh=f"晚于 {rules.project_start_after}",
        )
    if entry.monitored_from <= rules.reductions_after:
        raise refuse(
            "offset.reductions",
            entry.monitored_from,
            f"after {rules.reductions_after}",
            at=place,
            expected_zh=f"晚于 {rules.reductions_after}",
        )
    last = years_later(entry.monitored_from, rules.claim_years)
    if entry.claimed_on > last:
        raise refuse("offset.claim", entry.claimed_on, f"{last} or earlier", at=place, expected_zh=f"不晚于 {last}")
    if entry.registered_on < rules.registry_opened and on >= rules.old_unusable_from:
        raise refuse(
            "offset.registry",
            entry.registered_on,
            f"{rules.registry_opened} or later",
            at=place,
            expected_zh=f"不早于 {rules.registry_opened}",
        )
    if entry.cancelled_on > on:
        raise refuse("offset.order", entry.cancelled_on, f"{on} or earlier", at=place, expected_zh=f"不晚于 {on}")


def check_disjoint(serials: Iterable[SerialRange]) -> None:
    """That no serial stands twice. Raises OffsetRefused (`offset.overlap`)."""
    last: SerialRange | None = None
    for one in sorted(serials, key=lambda serial: (serial.prefix, serial.first, serial.last)):
        if last is not None and last.prefix == one.prefix and one.first <= last.last:
            raise refuse("offset.overlap", one, f"serials other than {last}", expected_zh=f"{last} 以外的序列号")
        last = one


def years_later(day: date, years: int) -> date:
    """The same day so many years later; of 29 February, 28 February where the year has none."""
    if (day.month, day.day) == (2, 29):
        # 1 March less a day is the last of February in every year.
        return date.fromordinal(date(day.year + years, 3, 1).toordinal() - 1)
    return day.replace(year=day.year + years)


def _check_text(value: object, at: str) -> None:
    if not isinstance(value, str) or _TEXT.fullmatch(value) is None:
        raise refuse("offset.text", value, at=at)
