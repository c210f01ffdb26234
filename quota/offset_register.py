"""The CCER of a ledger: entered once, used once, moved by succession only (DOMAIN 4).

A register is a value; every step gives another one or raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from quota.identifiers import check_identifier
from quota.offsets import DEFAULT_OFFSETS, CcerEntry, OffsetRules, check_disjoint, check_eligible
from quota.refusals import refuse
from quota.units import check_units


@dataclass(frozen=True, slots=True)
class HeldOffset:
    """An entry, who holds it, and the tonnes of it that were used. Used units never return."""

    entry: CcerEntry
    holder: str
    used: int = 0

    @property
    def free(self) -> int:
        """Tonnes that were not used yet."""
        return self.entry.tonnes - self.used


@dataclass(frozen=True, slots=True)
class OffsetRegister:
    """Every entry by its cancellation id."""

    held: Mapping[str, HeldOffset] = field(default_factory=lambda: MappingProxyType({}))

    def enter(self, entry: CcerEntry, *, on: date, rules: OffsetRules = DEFAULT_OFFSETS) -> OffsetRegister:
        """With another entry, held by the beneficiary that its cancellation names.

        Raises OffsetRefused: `offset.cancellation`, `.overlap`, and the rules of eligibility.
        """
        check_eligible(entry, on=on, rules=rules)
        if entry.cancellation in self.held:
            raise refuse("offset.cancellation", entry.cancellation)
        known = [serial for held in self.held.values() for serial in held.entry.serials]
        check_disjoint([*known, *entry.serials])
        return self._with(HeldOffset(entry, entry.beneficiary))

    def use(self, cancellation: str, tonnes: int, *, account: str) -> OffsetRegister:
        """With tonnes of an entry used, irrevocably, by the account that holds it.

        Raises OffsetRefused: `offset.unknown`, `.beneficiary`, `.used`. Raises AmountRefused.
        """
        held = self._of(cancellation, account)
        if not check_units(tonnes, cancellation) or tonnes > held.free:
            raise refuse(
                "offset.used", tonnes, f"1 to {held.free} t", at=cancellation, expected_zh=f"1 至 {held.free} 吨"
            )
        return self._with(replace(held, used=held.used + tonnes))

    def succeed(self, predecessor: str, successor: str) -> OffsetRegister:
        """With everything of one account held by its successor, what was used included. Raises IdentifierRefused."""
        check_identifier(successor)
        moved = {
            name: replace(held, holder=successor) if held.holder == predecessor else held
            for name, held in self.held.items()
        }
        return OffsetRegister(MappingProxyType(moved))

    def free(self, account: str) -> int:
        """Tonnes that an account may still use."""
        return sum(held.free for held in self.held.values() if held.holder == account)

    def _of(self, cancellation: str, account: str) -> HeldOffset:
        if cancellation not in self.held:
            raise refuse("offset.unknown", cancellation)
        held = self.held[cancellation]
        if held.holder != account:
            raise refuse("offset.beneficiary", account, held.holder, at=cancellation)
        return held

    def _with(self, held: HeldOffset) -> OffsetRegister:
        return OffsetRegister(MappingProxyType({**self.held, held.entry.cancellation: held}))
