"""Asking the log what it would refuse of a body, before anybody signs it."""

from __future__ import annotations

import msgspec

from attestation.bodies import Body
from tanlu.client.transport import Transport

_TYPE = "application/json"


class Judging:
    """Part of ``tanlu.client.Client``."""

    _transport: Transport

    def judge(self, type_: str, body: Body) -> None:
        """Have the body judged as one's own statement of that type, or as the registrar's for regulator and
        administration. Nothing is kept, and the log judges again what is signed.

        Raises RefusedByService with the rule by which the log would refuse it now; ``approval.…`` and
        ``intent.signature`` come last, where everything else is good.
        """
        asked = {"type": type_, "body": msgspec.to_builtins(body)}
        self._transport.request("POST", "/v1/judgements", content=msgspec.json.encode(asked), content_type=_TYPE)
