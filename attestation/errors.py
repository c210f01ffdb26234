"""The refusals of verification.

::

    AttestationError
    ├── StatementMalformed      steps 1-2    compact form, base64url, header, strict JSON, envelope
    ├── IdentifierUnknown       step 3       the signer is not enrolled
    ├── KeyRefused              steps 4, 7   key unknown, algorithm of another key, not active at this position
    ├── SignatureRefused        step 5
    ├── Equivocation            step 6       another statement already stands at this place
    ├── PurposeRefused          step 8
    ├── SchemaRefused           step 9       members, decimals, units, bounds
    ├── TimeRefused             step 10
    ├── SequenceRefused         step 11
    ├── RecomputationRefused    step 12      possession proofs, cited sums, report lines and totals
    └── KeyFileRefused          step 0       an encrypted key file that does not open: not part of a statement

Every refusal says which rule, which value and what was expected (law 10 of the design). None of them is
retryable: the same bytes against the same log are refused again; ``citation.unsettled`` alone says that the log
holds by now what it did not hold a moment before.
"""

from __future__ import annotations

from typing import ClassVar

VALUE_LIMIT = 200


def shorten(text: object, limit: int = VALUE_LIMIT) -> str:
    """Text that is safe to show: unprintable characters escaped, at most ``limit`` characters.

    Values come from strangers; a refusal must not carry control characters into a terminal or megabytes
    into an answer.
    """
    raw = text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else str(text)
    raw = raw[: limit + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in raw)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class AttestationError(Exception):
    """A refusal: ``step`` (1-12, 0 outside the steps), ``rule`` (stable dotted code), ``value`` (at most
    200 characters), ``expected``, and the text in English and Chinese.

    ``step`` need not be given where the family has one step only.
    """

    default_step: ClassVar[int] = 0

    def __init__(
        self,
        *,
        rule: str,
        value: object,
        expected: object,
        message: str,
        message_zh: str,
        step: int | None = None,
    ) -> None:
        super().__init__(message)
        self.step = self.default_step if step is None else step
        self.rule = rule
        self.value = shorten(value)
        self.expected = shorten(expected)
        self.message = message
        self.message_zh = message_zh

    def as_dict(self) -> dict[str, object]:
        """The refusal as JSON-ready members, as the interfaces show it."""
        return {
            "step": self.step,
            "rule": self.rule,
            "value": self.value,
            "expected": self.expected,
            "message": self.message,
            "message_zh": self.message_zh,
        }

    def __str__(self) -> str:
        return f"step {self.step}, {self.rule}: {self.message}"


class StatementMalformed(AttestationError):
    """Steps 1-2: the bytes are not a well-formed statement of this log."""

    default_step = 2


class IdentifierUnknown(AttestationError):
    """Step 3: the signer is not enrolled."""

    default_step = 3


class KeyRefused(AttestationError):
    """Steps 4 and 7: the key is unknown for this identifier, of another algorithm, or not active here."""

    default_step = 4


class SignatureRefused(AttestationError):
    """Step 5: the signature does not verify."""

    default_step = 5


class Equivocation(AttestationError):
    """Step 6: a different statement already stands at this (issuer, stream, seq); both are kept.

    ``existing_index`` is the log index of the first, ``existing_statement_id`` its 32-byte id.
    """

    default_step = 6

    existing_index: int = -1
    existing_statement_id: bytes = b""

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with where the first statement stands."""
        return super().as_dict() | {
            "existing_index": self.existing_index,
            "existing_statement_id": self.existing_statement_id.hex(),
        }


class PurposeRefused(AttestationError):
    """Step 8: the key or its holder may not sign this type of statement."""

    default_step = 8


class SchemaRefused(AttestationError):
    """Step 9: a member, decimal, unit or bound of the body."""

    default_step = 9


class TimeRefused(AttestationError):
    """Step 10: ``iat`` or a period."""

    default_step = 10


class SequenceRefused(AttestationError):
    """Step 11: overlaps in the stream, closed periods, counts, superseded reports."""

    default_step = 11


class RecomputationRefused(AttestationError):
    """Step 12: what the statement claims is not what follows from its evidence.

    ``value`` is the claimed and ``expected`` the recomputed figure; ``line`` names the report line or total.
    """

    default_step = 12

    line: str | None = None

    def as_dict(self) -> dict[str, object]:
        """As in the base class, with the line when there is one."""
        return super().as_dict() | ({} if self.line is None else {"line": self.line})


class KeyFileRefused(AttestationError):
    """A key file that is not one, or that this password does not open."""


class Unsettled(Exception):
    """A cited range became whole a moment ago, and is too long to be summed while everybody waits.

    What a ``Context`` answers instead of a sum, no refusal yet: that is ``citation.unsettled``, of a report's line.
    """
