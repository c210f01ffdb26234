"""Readings that will not come, declared lost by the meter or by whose meter it is: judged, signed and submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attestation.bodies import Loss
from ledger.trust import Trust
from tanlu.client.answers import Acceptance
from tanlu.client.saying import Kept, Prepared, Saying
from tanlu.client.service_context import ServiceContext
from tanlu.client.sign_in import Credentials

if TYPE_CHECKING:
    from tanlu.client.client import Client

STREAM = "losses"


class Losses:
    """Declares losses, as ``holder`` and with the holder's key: a ``device`` key of the meter, or a ``statement`` key
    of its parent.

    A loss is final, and judged before it is sent: what the log would refuse raises the same refusal here
    (``loss.not_open``, ``loss.overlap``, ``loss.device`` …) and takes no place in ``stream``, the holder's own.
    ``kept``: as for ``KeyLife``. Raises AttestationError, InputRefused and what ``Client`` raises.
    """

    def __init__(
        self, client: Client, holder: Credentials, trust: Trust, *, stream: str = STREAM, kept: Kept | None = None
    ) -> None:
        self._client = client
        self._trust = trust
        self._saying = Saying(client, holder, trust, stream, kept)

    def declare(self, loss: Loss) -> Acceptance:
        """The device's readings ``first_seq`` to ``last_seq`` will not come."""
        return self.submit(self.prepare(loss))

    def prepare(self, loss: Loss) -> Prepared:
        """Signed and judged; nobody has seen it yet."""
        return self._saying.prepare("loss", loss, ServiceContext(self._client, self._trust))

    def submit(self, prepared: Prepared) -> Acceptance:
        """Keep it, then send it."""
        return self._saying.submit(prepared)
