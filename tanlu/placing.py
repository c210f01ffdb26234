"""The next free place in a stream, as far as key and service together know it."""

from __future__ import annotations

from tanlu.client import Client
from tanlu.signed import SignedStatements


def next_seq(kept: SignedStatements, stream: str, client: Client | None, issuer: str) -> int:
    """One above what this key has signed and, with a client, above what the log holds in that stream.

    What was signed and never submitted counts: its place is taken for ever.
    """
    logged = 0 if client is None else client.stream(issuer, stream).last_seq
    return max(kept.last_seq(stream), logged) + 1
