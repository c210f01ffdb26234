"""Parameters of a compliance year that the park publishes as ``policy`` statements, and what holds without one.

DOMAIN says which numbers are defaults (2, 11, 44, 47); a published policy changes them for one year. Pure: documents
come in as JSON objects, times as unix seconds.
"""

from __future__ import annotations

from attestation.policies.calendar import DAY, Calendar, Deadline, DueDate, default_calendar, read_calendar
from attestation.policies.coverage_list import NATIONAL_THRESHOLD_TONNES, CoverageList, Covered, read_coverage_list
from attestation.policies.kinds import (
    CALENDAR,
    COVERAGE_LIST,
    FACTOR_SET,
    FOR_THE_WHOLE_YEAR,
    OBLIGATION_BASE,
    OF_A_YEAR,
    RULES,
    in_force,
    read_base,
    serving_day,
    year_of,
)
from attestation.policies.rules import Rules, read_rules
from attestation.policies.working_days import add_working_days, is_working_day

__all__ = [
    "CALENDAR",
    "COVERAGE_LIST",
    "DAY",
    "FACTOR_SET",
    "FOR_THE_WHOLE_YEAR",
    "NATIONAL_THRESHOLD_TONNES",
    "OBLIGATION_BASE",
    "OF_A_YEAR",
    "RULES",
    "Calendar",
    "CoverageList",
    "Covered",
    "Deadline",
    "DueDate",
    "Rules",
    "add_working_days",
    "default_calendar",
    "in_force",
    "is_working_day",
    "read_base",
    "read_calendar",
    "read_coverage_list",
    "read_rules",
    "serving_day",
    "year_of",
]
