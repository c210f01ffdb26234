"""What a report's body looks like to this package.

Protocols, so that the structs of `attestation.statements` fit without this package importing them. Numbers are the
decimal strings as signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class CitationBody(Protocol):
    """Readings `first_seq` to `last_seq` (both included) of one stream and their exact sum."""

    @property
    def issuer(self) -> str: ...
    @property
    def stream(self) -> str: ...
    @property
    def first_seq(self) -> int: ...
    @property
    def last_seq(self) -> int: ...
    @property
    def quantity(self) -> str: ...
    @property
    def unit(self) -> str: ...


class LineBody(Protocol):
    """One activity with its claimed emissions."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def quantity(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def fuel(self) -> str | None: ...
    @property
    def factor(self) -> str | None: ...
    @property
    def emissions(self) -> str: ...
    @property
    def evidence(self) -> Sequence[CitationBody]: ...


class FactorSetRefBody(Protocol):
    """Which factor set a report names."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> str: ...


class TotalsBody(Protocol):
    """The claimed totals."""

    @property
    def scope1(self) -> str: ...
    @property
    def scope2(self) -> str: ...
    @property
    def obligation_base(self) -> str: ...
    @property
    def obligation_tonnes(self) -> int: ...


class ReportBody(Protocol):
    """The members of a report that recomputation reads."""

    @property
    def factor_set(self) -> FactorSetRefBody: ...
    @property
    def lines(self) -> Sequence[LineBody]: ...
    @property
    def totals(self) -> TotalsBody: ...
