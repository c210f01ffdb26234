"""What verification asks about published parameters as of the acceptance, and what was decided by them (DOMAIN 2)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.policies import Calendar, CoverageList, Rules


class Decision(Struct, frozen=True):
    """A logged verdict, determination or registration: its index, its type, and its acceptance in unix seconds."""

    index: int
    type: str
    at: int


class FactorSetTerms(Struct, frozen=True):
    """From which day (``YYYY-MM-DD``) a version of a factor set serves, that of what it corrects included, and the
    version that corrects it, if one does."""

    effective_from: str
    corrected_by: str | None


class PolicyFacts(Protocol):
    """Part of ``attestation.context.Context``. What a compliance year has no policy for has the defaults of DOMAIN."""

    def obligation_base(self, year: int, /) -> str:
        """``direct`` or ``direct+energy`` as the policy in force says for that compliance year; without one,
        ``direct`` (DOMAIN 2)."""

    def rules(self, year: int, /) -> Rules:
        """The rules in force for that compliance year, or the defaults (DOMAIN 43, 44, 47)."""

    def calendar(self, year: int, /) -> Calendar:
        """The calendar in force for that compliance year, or the default one (DOMAIN 11)."""

    def coverage_list(self, year: int, /) -> CoverageList | None:
        """The coverage list in force for that compliance year, or None where there is none (DOMAIN 2)."""

    def factor_set_terms(self, factor_set_id: str, version: str, /) -> FactorSetTerms | None:
        """When a published version of a factor set serves, or None for one that is not published."""

    def factor_set_serving(self, factor_set_id: str, day: date, /) -> str | None:
        """The version of a factor set that serves periods whose last day is this one: of the published versions that
        no other corrects and that have begun by then, the one that began last, of several the one that was logged
        last. None where none has begun."""

    def decided(self, year: int, /) -> Decision | None:
        """The latest verdict, determination or registration of that compliance year, or None."""

    def decided_with(self, factor_set_id: str, /) -> Decision | None:
        """The latest verdict on a report that named any version of that factor set, or None."""
