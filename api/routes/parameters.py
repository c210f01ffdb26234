"""Parameters that several routes share, and the answer for what is not there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

from api.problems import Refused
from attestation.identifiers import parse_identifier
from attestation.instants import parse_instant
from attestation.statements import MAX_SEQ
from ledger.merkle import MAX_SIZE

IndexPath = Annotated[int, Path(ge=0, le=MAX_SIZE, description="Log position.")]
SizePath = Annotated[int, Path(ge=0, le=MAX_SIZE, description="Tree size.")]
SizeQuery = Annotated[int, Query(ge=0, le=MAX_SIZE, description="Tree size.")]
IssuerQuery = Annotated[str, Query(max_length=255, description="Identifier of the signer.")]
StreamQuery = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="Name of the stream.")]
SeqQuery = Annotated[int, Query(ge=1, le=MAX_SEQ, description="Number in the stream.")]

BlockQuery = Annotated[
    int | None, Query(ge=0, le=MAX_SIZE, description="As of this block of the chain; by default the last one read.")
]

AtQuery = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Instead of `block`: as of this instant (RFC 3339, `2026-05-01T00:00:00+08:00`), by the last block "
        "until then.",
    ),
]


def instant_in(at: str | None, block: int | None) -> int | None:
    """The instant in a parameter, unix seconds. Raises a refusal (``instant.…``), and beside a block Refused
    (``accounts.when``)."""
    if at is None:
        return None
    if block is not None:
        raise Refused(
            422,
            "accounts.when",
            f"block {block} and {at}",
            "a block or an instant",
            ("An answer is as of a block or of an instant, not of both.", "只能指定区块或时刻之一。"),
            parameter="query.at",
        )
    return parse_instant(at)


def identifier_in(text: str) -> str:
    """The identifier in a parameter. Raises StatementMalformed (``identifier.…``)."""
    return str(parse_identifier(text))


def absent(rule: str, value: object, what: str, what_zh: str) -> Refused:
    """404 for something that this log does not have."""
    return Refused(404, rule, value, "", (f"This log has no {what} {value}.", f"本日志没有{what_zh} {value}。"))
