"""What the service says of cases: who verifies an enterprise's year, where it stands, and its whole history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.policies import DueDate
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken

CASES_PAGE = 100
"""Cases of one request; the service gives no more at once."""


class CaseFigure(msgspec.Struct, frozen=True, kw_only=True):
    """A registered version of a case's figure, in whole tonnes. ``determined``: by two persons, not from a verdict;
    ``on_chain``: the service saw the emissions registry hold it."""

    index: int
    revision: int
    tonnes: int
    determined: bool
    on_chain: bool


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a line; ``state`` is one of docs/verification.md, ``verifier`` who is assigned, in its days or not."""

    enterprise: str
    year: int
    state: str
    verifier: str | None
    figure: CaseFigure | None


class CaseStep(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a case; ``kind`` is its type, or the ``action`` of an assignment or objection."""

    index: int
    kind: str
    issuer: str
    statement_id: str
    leaf_hash: str
    accepted_at: int


class CaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """The standing report; ``obligation_tonnes`` as reported."""

    index: int
    statement_id: str
    leaf_hash: str
    obligation_tonnes: int


class CaseAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """The assignment that is not ended, for ``[start, until)`` in unix seconds."""

    index: int
    statement_id: str
    verifier: str
    start: int
    until: int


class CaseDraw(msgspec.Struct, frozen=True, kw_only=True):
    """A draw that waits for its contribution (until ``contribute_until``, unix seconds) or its secret."""

    index: int
    statement_id: str
    candidates: tuple[str, ...]
    commitment: str
    contribution: str | None
    contribute_until: int


class CaseVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on the standing report; ``tonnes`` None where it rejected. ``registrable_from``: the end of the
    objection window in unix seconds."""

    index: int
    statement_id: str
    leaf_hash: str
    verifier: str
    conclusion: str
    tonnes: int | None
    registrable_from: int


class OpenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A non-conformity that no standing verdict closed, by its finding's statement id."""

    finding: str
    item: str


class CaseFile(Case, frozen=True, kw_only=True):
    """The file of a case as of ``now`` by the service's clock; ``steps`` are its entries in log order."""

    now: int
    report: CaseReport | None
    assignment: CaseAssignment | None
    draw: CaseDraw | None
    verdict: CaseVerdict | None
    open_nonconformities: tuple[OpenItem, ...]
    steps: tuple[CaseStep, ...]
    deadlines: tuple[DueDate, ...]

    def last(self, *kinds: str) -> CaseStep | None:
        """The latest entry of these kinds, or None."""
        return next((step for step in reversed(self.steps) if step.kind in kinds), None)


class _Cases(msgspec.Struct, frozen=True):
    cases: tuple[Case, ...]
    next: str | None


class CaseReads:
    """Reads of cases: all for regulator and administration, its own for an enterprise, what is assigned to it for a
    verifier; raises RefusedByService for others."""

    _transport: Transport
    _evidence: Path

    def cases(
        self, enterprise: str | None = None, year: int | None = None, *, page: int = CASES_PAGE
    ) -> Iterator[Case]:
        """Cases by enterprise and year, of one enterprise and of one year where these are given, ``page`` a request."""
        asked: dict[str, str | int] = {"limit": page}
        asked |= {} if enterprise is None else {"enterprise": enterprise}
        asked |= {} if year is None else {"year": year}
        while True:
            response = self._transport.request("GET", "/v1/cases", params=asked)
            found = decode(response.content, _Cases)
            for one in found.cases:
                if enterprise not in {None, one.enterprise} or year not in {None, one.year}:
                    wanted = f"{enterprise or 'any'} {year or 'any'}"
                    raise self._misfit(f"{one.enterprise} {one.year}", wanted, response.text)
                yield one
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next == asked.get("after") or not found.cases:
                raise self._misfit(f"after {found.next}", "a later page", response.text)
            asked["after"] = found.next

    def case(self, enterprise: str, year: int) -> CaseFile:
        """The file of a case: what it says of itself is held against the entries that it lists.

        Raises RefusedByService with status 404 for a case without any entry (``cases.unknown``).
        """
        response = self._transport.request("GET", f"/v1/cases/{quote(enterprise, safe='')}/{year}")
        found = decode(response.content, CaseFile)
        if (found.enterprise, found.year) != (enterprise, year):
            raise self._misfit(f"{found.enterprise} {found.year}", f"{enterprise} {year}", response.text)
        places = [step.index for step in found.steps]
        if not places or places != sorted(set(places)):
            raise self._misfit(f"entries {places}", "entries in log order", response.text)
        listed = {step.index: step for step in found.steps}
        for cited, kinds in (
            (found.report, {"report"}),
            (found.assignment, {"appoint", "draw"}),
            (found.draw, {"open-draw"}),
            (found.verdict, {"verification"}),
        ):
            if cited is None:
                continue
            step = listed.get(cited.index)
            if step is None or step.kind not in kinds or step.statement_id != cited.statement_id:
                said = f"entry {cited.index} {cited.statement_id}"
                raise self._misfit(said, f"a {' or '.join(sorted(kinds))} of the case", response.text)
        for item in found.open_nonconformities:
            if item.finding not in {step.statement_id for step in found.steps if step.kind == "finding"}:
                raise self._misfit(f"finding {item.finding}", "a finding of the case", response.text)
        return found

    def _misfit(self, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule="answer.case",
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {value}, expected {expected}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
