"""A signed statement in words, for a refusal that sets two beside each other."""

from __future__ import annotations

from attestation.examination import examine
from attestation.statements import Reading
from tanlu.client.promises import statement_id


def in_words(signed: bytes, log: str) -> str:
    """A reading's quantity with its unit and period, another statement's type; then the statement's hash, since two
    that say the same may still differ by who read the meter. Raises what ``examine`` raises."""
    statement = examine(signed, log)
    body = statement.body
    what = f"{body.quantity} {body.unit}, {body.start} to {body.end}" if isinstance(body, Reading) else statement.type
    return f"{what} (statement {statement_id(signed)})"
