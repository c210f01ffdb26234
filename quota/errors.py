"""The refusals of this package. Its family says what was refused, its rule why.

::

    QuotaError
    ├── AmountRefused           a number of units, fen or basis points outside its bounds
    ├── IdentifierRefused       what is no identifier
    ├── AllocationRefused       rules, inputs or documents of an allocation run
    ├── ObligationRefused       surrenders, vintages, amendments, closing of a year
    ├── OffsetRefused           CCER: cap, eligibility, serials, use
    ├── CarryOverRefused        carrying a vintage over
    ├── ChargeRefused           the charge for a shortfall
    ├── LifeEventRefused        opening balances, splits, exits
    ├── MarketRefused           orders, fills, trading days and auctions
    └── ScoreRefused            inputs of a credit score

None of them is retryable: the same input is refused again.
"""

from __future__ import annotations

VALUE_LIMIT = 200


def shorten(text: object, limit: int = VALUE_LIMIT) -> str:
    """Text that is safe to show: unprintable characters escaped, at most `limit` characters."""
    raw = str(text)[: limit + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in raw)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class QuotaError(Exception):
    """A refusal: `rule` (stable dotted code), `value` (what was found, at most 200 characters), `expected`, the same in
    Chinese (`expected_zh`), `at` (the member or enterprise where, empty where the value says it), and one sentence in
    English and Chinese."""

    def __init__(
        self,
        *,
        rule: str,
        value: object,
        expected: object,
        message: str,
        message_zh: str,
        at: str = "",
        expected_zh: str = "",
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.value = shorten(value)
        self.expected = shorten(expected)
        self.expected_zh = expected_zh or self.expected
        self.at = at
        self.message = message
        self.message_zh = message_zh

    def below(self, path: str) -> QuotaError:
        """The same refusal, of something that a document has at `path`."""
        if self.at.startswith(path):
            return self
        return type(self)(
            rule=self.rule,
            value=self.value,
            expected=self.expected,
            message=f"{path}: {self.message}",
            message_zh=f"{path}：{self.message_zh}",
            at=f"{path} {self.at}".rstrip(),
            expected_zh=self.expected_zh,
        )

    def as_dict(self) -> dict[str, str]:
        """The refusal as JSON-ready members, as the interfaces show it."""
        return {
            "rule": self.rule,
            "value": self.value,
            "expected": self.expected,
            "at": self.at,
            "message": self.message,
            "message_zh": self.message_zh,
        }

    def __str__(self) -> str:
        return f"{self.rule}: {self.message}"


class AmountRefused(QuotaError):
    """A number of units, fen or basis points outside its bounds."""


class IdentifierRefused(QuotaError):
    """What is no identifier."""


class AllocationRefused(QuotaError):
    """Rules, inputs or documents of an allocation run."""


class ObligationRefused(QuotaError):
    """A surrender, a vintage, an amendment, or a step on a closed year."""


class OffsetRefused(QuotaError):
    """A CCER entry, or its use."""


class CarryOverRefused(QuotaError):
    """Carrying a vintage over into the next year."""


class ChargeRefused(QuotaError):
    """Price or multiple of a shortfall charge."""


class LifeEventRefused(QuotaError):
    """An opening balance, a split or an exit."""


class MarketRefused(QuotaError):
    """An order, an award, a trading day, or a session that does not replay."""


class ScoreRefused(QuotaError):
    """Inputs of a credit score."""
