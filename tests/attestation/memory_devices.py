"""The part of the log in memory that answers `attestation.facts.devices`."""

from __future__ import annotations

from attestation.bodies.devices import DeviceEvent
from attestation.terms import Term, terms_of


class MemoryDeviceFacts:
    """Recomputes every answer from the entries."""

    def device_terms(self, device: str, /) -> list[Term]:
        bodies = [(logged.index, logged.statement.body) for logged in self.entries]
        events = [(index, body) for index, body in bodies if isinstance(body, DeviceEvent)]
        return terms_of(device, [one for one in events if device in {one[1].device, getattr(one[1], "by", None)}])
