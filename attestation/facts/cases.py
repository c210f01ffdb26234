"""What verification asks about the case of an enterprise and year: who is assigned, what was found, said and registered
(DOMAIN 8, 10, 44). Statement ids have 32 bytes, instants are unix seconds, periods half open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.bodies import Report


class PlanRecord(Struct, frozen=True):
    """A logged version of a monitoring plan; ``effective_from`` is a date ``YYYY-MM-DD``."""

    statement_id: bytes
    index: int
    enterprise: str
    version: str
    effective_from: str


class ReportRecord(Struct, frozen=True):
    """A logged report of a case and what it says. ``superseded``: a later one takes its place."""

    statement_id: bytes
    index: int
    leaf_hash: bytes
    enterprise: str
    year: int
    start: int
    end: int
    superseded: bool
    body: Report


class AssignmentRecord(Struct, frozen=True):
    """A verifier assigned to a case for ``[start, until)``; ``ended_index`` is the entry that ended it before."""

    statement_id: bytes
    index: int
    enterprise: str
    year: int
    verifier: str
    start: int
    until: int
    ended_index: int | None


class DrawRecord(Struct, frozen=True):
    """A draw that was opened, for an assignment of ``[start, until)``. ``commitment`` is the SHA-256 of the registrar's
    secret, ``contribution`` the enterprise's 32 bytes, ``drawn_index`` the entry that opened the secret."""

    statement_id: bytes
    index: int
    enterprise: str
    year: int
    candidates: tuple[str, ...]
    commitment: bytes
    start: int
    until: int
    contribute_until: int
    contribution: bytes | None
    drawn_index: int | None


class FoundItem(Struct, frozen=True):
    """An item of a finding: ``kind`` is ``nonconformity`` or ``observation``, ``line`` the report line, if any."""

    id: str
    kind: str
    line: str | None


class FindingRecord(Struct, frozen=True):
    """What a verifier found in the report of that statement id, accepted at ``at``."""

    statement_id: bytes
    index: int
    enterprise: str
    year: int
    report: bytes
    verifier: str
    at: int
    items: tuple[FoundItem, ...]


class VerdictRecord(Struct, frozen=True):
    """A logged verdict on the report of that statement id, accepted at ``at``. ``tonnes`` is None where it rejected.
    ``resolved``: the nonconformities that it closes (statement id of the finding, item). ``void``: an objection against
    it was upheld."""

    statement_id: bytes
    index: int
    leaf_hash: bytes
    enterprise: str
    year: int
    report: bytes
    verifier: str
    conclusion: str
    tonnes: int | None
    at: int
    resolved: tuple[tuple[bytes, str], ...]
    void: bool


class ObjectionRecord(Struct, frozen=True):
    """An objection to the verdict of that statement id, accepted at ``at``; ``upheld`` is None until it is decided."""

    statement_id: bytes
    index: int
    verdict: bytes
    at: int
    upheld: bool | None


class RegistrationRecord(Struct, frozen=True):
    """A registered version of a case's figure; ``verdict`` (statement id) is None for a determination."""

    statement_id: bytes
    index: int
    revision: int
    tonnes: int
    verdict: bytes | None


class CaseFacts(Protocol):
    """Part of ``attestation.context.Context``. A case is an enterprise (or park) and a compliance year."""

    def plan(self, statement_id: bytes, /) -> PlanRecord | None:
        """The monitoring plan of that statement id, or None."""

    def plan_of(self, enterprise: str, version: str, /) -> PlanRecord | None:
        """The enterprise's monitoring plan of that version, or None."""

    def report(self, statement_id: bytes, /) -> ReportRecord | None:
        """The report of that statement id, or None."""

    def standing_report(self, enterprise: str, year: int, /) -> ReportRecord | None:
        """The report of the case that no other supersedes, whatever its stream; None before the first."""

    def reports_of(self, enterprise: str, year: int, /) -> Sequence[ReportRecord]:
        """Every report of the case, superseded ones too, in log order."""

    def assignment(self, statement_id: bytes, /) -> AssignmentRecord | None:
        """The assignment that the statement of that id began, or None."""

    def assignments_of(self, enterprise: str, year: int, /) -> Sequence[AssignmentRecord]:
        """Every assignment of the case in log order; at most the last one is not ended."""

    def draw(self, statement_id: bytes, /) -> DrawRecord | None:
        """The draw that the statement of that id opened, or None."""

    def draws_of(self, enterprise: str, year: int, /) -> Sequence[DrawRecord]:
        """Every draw of the case in log order."""

    def findings_of(self, enterprise: str, year: int, /) -> Sequence[FindingRecord]:
        """Every finding of the case in log order."""

    def verdict(self, statement_id: bytes, /) -> VerdictRecord | None:
        """The verdict of that statement id, or None."""

    def verdicts_of(self, enterprise: str, year: int, /) -> Sequence[VerdictRecord]:
        """Every verdict of the case, void ones too, in log order."""

    def objection(self, statement_id: bytes, /) -> ObjectionRecord | None:
        """The objection of that statement id, or None."""

    def objection_to(self, verdict: bytes, /) -> ObjectionRecord | None:
        """The objection to the verdict of that statement id, or None."""

    def registrations_of(self, enterprise: str, year: int, /) -> Sequence[RegistrationRecord]:
        """Every registered version of the case's figure, by revision; of one that was registered anew, the last."""

    def figure_refused(self, index: int, /) -> bool:
        """Whether the emissions registry finally refused the figure that the entry at ``index`` registered."""

    def certificate(self, serial: str, /) -> tuple[str, int] | None:
        """The case (enterprise, year) whose report named the green certificate of that serial first, or None; however
        its separators were written then."""
