"""What the service says of carbon efficiency codes, each recomputed before it is returned (DOMAIN 48)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from attestation.bodies import Label
from attestation.errors import AttestationError
from attestation.judging.labels import check_figures
from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken

LABELS_PAGE = 100
"""Labels of one request; the service gives no more at once."""


class LoggedLabel(msgspec.Struct, frozen=True):
    """A label as it was signed; it stands while ``superseded_by`` (a log position) is None."""

    index: int
    statement_id: str
    accepted_at: int
    superseded_by: int | None
    label: Label


class _Labels(msgspec.Struct, frozen=True):
    identifier: str
    labels: tuple[LoggedLabel, ...]
    next: int | None


class LabelReads:
    """Reads of labels, for those who may read the enterprise's things; raises RefusedByService for others."""

    _transport: Transport
    _evidence: Path

    def labels(self, enterprise: str, *, year: int | None = None, page: int = LABELS_PAGE) -> Iterator[LoggedLabel]:
        """An enterprise's carbon efficiency codes, newest first, ``page`` a request; of one ``year`` where that is
        given. Raises PromiseBroken for one whose figures are not what its own inputs give, or that is another's."""
        asked: dict[str, str | int] = {"limit": page} if year is None else {"limit": page, "year": year}
        before: int | None = None
        while True:
            response = self._transport.request(
                "GET",
                f"/v1/labels/{quote(enterprise, safe='')}",
                params=asked if before is None else asked | {"before": before},
            )
            found = decode(response.content, _Labels)
            for logged in found.labels:
                self._check_label(logged, enterprise, year, before, response.text)
                before = logged.index
                yield logged
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next != before or not found.labels:
                raise self._broken_label("answer.page", found.next, "the position of the last label", response.text)

    def _check_label(
        self, logged: LoggedLabel, enterprise: str, year: int | None, before: int | None, text: str
    ) -> None:
        label = logged.label
        if label.enterprise != enterprise or year not in {None, label.year}:
            wanted = enterprise if year is None else f"{enterprise} {year}"
            raise self._broken_label("answer.label", f"{label.enterprise} {label.year}", wanted, text)
        if before is not None and logged.index >= before:
            raise self._broken_label("answer.page", logged.index, f"a log position below {before}", text)
        try:
            check_figures(label)
        except AttestationError as refused:
            raise self._broken_label("answer.label", refused.value, refused.expected, text) from refused

    def _broken_label(self, rule: str, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=rule,
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {rule}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)
