"""Applications, admissions and openings: as a service tells of them, and as a person of the park says them (DOMAIN 24,
47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from attestation.applications import application_id, canonical
from attestation.bodies import Admission, Opening
from ledger.trust import Trust
from tanlu.client.admission_types import AdmissionTold, ApplicationTold, CarriedIn, Received
from tanlu.client.answers import Acceptance, decode
from tanlu.client.evidence import keep
from tanlu.client.saying import Kept, Prepared, Saying
from tanlu.client.service_context import ServiceContext
from tanlu.client.sign_in import Credentials
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken, RefusedByService

if TYPE_CHECKING:
    from tanlu.client.client import Client

STREAM = "admissions"
PAGE = 100
"""Applications of one request; the service gives no more at once."""

_JSON = "application/json"
_NOT_FOUND = 404


class _Applications(msgspec.Struct, frozen=True):
    applications: tuple[ApplicationTold, ...]
    next: str | None


class _Opening(msgspec.Struct, frozen=True):
    opening: CarriedIn | None


class _Policy(msgspec.Struct, frozen=True):
    document: dict[str, Any]


class _Policies(msgspec.Struct, frozen=True):
    policies: tuple[_Policy, ...]


class AdmissionReads:
    """Part of ``Client``. Reads of applications are for the park that keeps the register."""

    _transport: Transport
    _evidence: Path

    def apply(self, document: bytes) -> Received:
        """Send an application (JSON; ``attestation.applications``), without signing in. Raises RefusedByService."""
        response = self._transport.request(
            "POST", "/v1/applications", content=document, content_type=_JSON, public=True
        )
        return decode(response.content, Received)

    def applications(self, *, page: int = PAGE) -> Iterator[ApplicationTold]:
        """All applications that are kept, oldest first, ``page`` a request; hashes are checked."""
        after: str | None = None
        while True:
            params: dict[str, str | int] = {"limit": page} | ({} if after is None else {"after": after})
            response = self._transport.request("GET", "/v1/applications", params=params)
            found = decode(response.content, _Applications)
            for each in found.applications:
                yield self._checked_application(each, each.application, response.text)
            if found.next is None:
                return
            # A service that leads in a circle would be asked for ever.
            if found.next == after or not found.applications:
                raise self._broken("answer.page", found.next, "a later page", response.text)
            after = found.next

    def application(self, application: str) -> ApplicationTold | None:
        """The application of that SHA-256 (hexadecimal), its hash checked; None where the service has none."""
        try:
            response = self._transport.request("GET", f"/v1/applications/{quote(application, safe='')}")
        except RefusedByService as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise
        return self._checked_application(decode(response.content, ApplicationTold), application, response.text)

    def erase_application(self, application: str) -> None:
        """Have the service forget an application; what the log says of its hash stays."""
        self._transport.request("DELETE", f"/v1/applications/{quote(application, safe='')}")

    def opening(self, identifier: str) -> CarriedIn | None:
        """The base years that the identifier carried in, or None."""
        response = self._transport.request("GET", f"/v1/openings/{quote(identifier, safe='')}")
        return decode(response.content, _Opening).opening

    def admission(self, statement_id: str) -> AdmissionTold | None:
        """What the log says of a review, or of the review that an approval of that statement id agrees with; None
        where there is none."""
        try:
            response = self._transport.request("GET", f"/v1/admissions/{quote(statement_id, safe='')}")
        except RefusedByService as refused:
            if refused.status == _NOT_FOUND:
                return None
            raise
        return decode(response.content, AdmissionTold)

    def policy_in_force(self, policy: str, year: int, on: date) -> dict[str, Any] | None:
        """The document of the policy of that kind that is in force on a day for a compliance year, or None."""
        params: dict[str, str | int] = {"policy": policy, "year": year, "on": on.isoformat(), "in_force": "true"}
        found = decode(self._transport.request("GET", "/v1/policies", params=params).content, _Policies).policies
        return found[-1].document if found else None

    def _checked_application(self, told: ApplicationTold, application: str, text: str) -> ApplicationTold:
        """What a person reviews is what its review will name: an altered document has another hash."""
        found = application_id(canonical(told.document))
        if not found == told.application == application:
            raise self._broken("answer.application", found, application, text)
        return told

    def _broken(self, rule: str, value: object, expected: object, text: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=rule,
            value=value,
            expected=expected,
            message=f"The service's answer does not fit: {rule}",
            message_zh="服务的应答前后不一致",
        )
        return keep(self._evidence, broken, answered=text)


class Admissions:
    """Says admissions as ``holder``, a person of the park with an ``administration`` key; or, with the root key's
    holder, openings.

    A statement is judged before it is sent, as far as a service can tell of its log: what would be refused raises the
    same refusal here (``admission.same_person``, ``admission.superseded`` …) and takes no place in ``stream``.
    ``kept``: as for ``KeyLife``. Raises AttestationError, InputRefused and what ``Client`` raises.
    """

    def __init__(
        self, client: Client, holder: Credentials, trust: Trust, *, stream: str = STREAM, kept: Kept | None = None
    ) -> None:
        self._client = client
        self._trust = trust
        self._saying = Saying(client, holder, trust, stream, kept)

    def say(self, body: Admission | Opening) -> Acceptance:
        """Sign it, judge it, send it."""
        return self.submit(self.prepare(body))

    def prepare(self, body: Admission | Opening) -> Prepared:
        """Signed and judged; nobody has seen it yet."""
        type_ = "opening" if isinstance(body, Opening) else "admission"
        return self._saying.prepare(type_, body, ServiceContext(self._client, self._trust))

    def submit(self, prepared: Prepared) -> Acceptance:
        """Keep it, then send it."""
        return self._saying.submit(prepared)
