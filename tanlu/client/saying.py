"""What a holder says in a stream of its own: signed at a free place, judged before anybody sees it, then sent.

A signature that left the program takes its place for ever. What the log would refuse is therefore refused here, by the
rules of acceptance themselves, with what the service says of the log (``ServiceContext``). The log judges again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from attestation.bodies import Body
from attestation.context import Context
from attestation.examination import examine
from attestation.statements import build
from attestation.verification import verify
from ledger.trust import Trust
from tanlu.client.answers import Acceptance
from tanlu.client.service_context import ServiceContext, Untold
from tanlu.client.sign_in import Credentials

if TYPE_CHECKING:
    from tanlu.client.client import Client


class Kept(Protocol):
    """Where what was signed is kept before it leaves the program (``tanlu.signed.SignedStatements``)."""

    def last_seq(self, stream: str) -> int:
        """The highest seq signed in that stream, or 0."""

    def read(self, stream: str, seq: int) -> bytes | None:
        """The statement kept at that place, or None."""

    def sign(self, stream: str, seq: int, sign: Callable[[int], bytes]) -> bytes:
        """The bytes of ``sign(seq)``, kept durably before they are returned."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A signed statement that nobody has seen yet, and its place."""

    seq: int
    entry: bytes


class Saying:
    """``holder`` speaks in its stream ``stream``. ``kept`` keeps what is signed; without it a statement whose answer
    was lost is for the caller to find again."""

    def __init__(self, client: Client, holder: Credentials, trust: Trust, stream: str, kept: Kept | None) -> None:
        self._client = client
        self._holder = holder
        self._trust = trust
        self._stream = stream
        self._kept = kept

    def prepare(self, type_: str, body: Body, context: ServiceContext) -> Prepared:
        """Signed at the next free place of the stream, and judged; nobody has seen it yet.

        Words that were signed before and are not in the log (the answer was lost, or they came too early) are not
        signed anew: the kept bytes come back, at the place that they took. Raises AttestationError, RefusedByService.
        """
        last = 0 if self._kept is None else self._kept.last_seq(self._stream)
        logged = self._client.stream(self._holder.identifier, self._stream).last_seq
        prepared = self._again(type_, body, last) if last > logged else None
        if prepared is None:
            seq = max(last, logged) + 1
            entry = build(
                type_,
                log=self._trust.log,
                iss=self._holder.identifier,
                key=self._holder.key,
                iat=int(time.time()),
                stream=self._stream,
                seq=seq,
                body=body,
            )
            prepared = Prepared(seq, entry)
        # Of the port, keys, losses and admissions ask for no more than a service can tell; cases are judged so far.
        try:
            verify(prepared.entry, cast(Context, context))
        except Untold:
            context.judge_untold(type_, body)
        return prepared

    def submit(self, prepared: Prepared) -> Acceptance:
        """Keep it, then send it."""
        if self._kept is not None:
            self._kept.sign(self._stream, prepared.seq, lambda _: prepared.entry)
        return self._client.submit(prepared.entry)

    def _again(self, type_: str, body: Body, seq: int) -> Prepared | None:
        entry = None if self._kept is None else self._kept.read(self._stream, seq)
        if entry is None:
            return None
        kept = examine(entry, self._trust.log)
        return Prepared(seq, entry) if kept.type == type_ and kept.body == body else None
