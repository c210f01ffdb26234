"""What verification asks for a carbon efficiency code: the figure of a case, and the label that stands (DOMAIN 48)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.bodies import Report
    from attestation.context import EntryRef


class CaseFigure(Struct, frozen=True):
    """The tonnes of an enterprise's year on the year's obligation base, and on whose word: ``basis`` is
    ``registered``, ``determined``, ``verified`` or ``reported``. ``report_id`` and ``report`` are the standing
    report's, None where there is none."""

    basis: str
    tonnes: int
    report_id: bytes | None
    report: Report | None


class LabelFacts(Protocol):
    """Part of ``attestation.context.Context``."""

    def case_figure(self, enterprise: str, year: int, /) -> CaseFigure | None:
        """The strongest figure that the log has of that case: registered or determined, else of a standing verdict,
        else of the standing report. None where it has none."""

    def standing_label(self, enterprise: str, year: int, /) -> EntryRef | None:
        """The label of that enterprise and year that no other one supersedes."""
