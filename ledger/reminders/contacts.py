"""Where enterprises want their mail. Addresses of persons are in no log, chain or table: the operator keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Contacts:
    """``always``: who gets every reminder. ``by_enterprise``: who gets those of one, and those of the year."""

    always: tuple[str, ...]
    by_enterprise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, enterprise: str | None) -> tuple[str, ...]:
        """The addresses for a reminder of an enterprise, or of the year; each once."""
        if enterprise is not None:
            more = self.by_enterprise.get(enterprise, ())
        else:
            more = tuple(address for addresses in self.by_enterprise.values() for address in addresses)
        return tuple(dict.fromkeys((*self.always, *more)))
