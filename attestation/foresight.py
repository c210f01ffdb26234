"""A statement that nobody signed yet, to be judged as if it were: what the log would refuse of it is said before a
signature leaves anybody's hands and takes its place in a stream for ever.

Judges nothing by itself. ``attestation.verification.judge`` does, where the whole log answers, or a type's own steps,
where only a part of it is told.
"""

from __future__ import annotations

from attestation.bodies import MAX_SEQ, Body
from attestation.context import KeyRecord
from attestation.envelope import Statement
from attestation.examination import examine
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.statements import build

STREAM = "foreseen"
NO_SIGNATURE = "0x" + "00" * 64
"""Stands for a signature that is still to come: of good form, by nobody."""
_BY_CONTRACT_KEYS = frozenset({"intent", "order"})
"""Types that only a key which contracts know may sign."""


def unsigned(type_: str, body: Body, *, issuer: str, origin: str, now: int) -> tuple[Statement, KeyRecord]:
    """The statement as ``issuer`` would sign it at ``now`` (unix seconds), in a stream of its own that no log has, and
    a record of the key that made it: thrown away, and fit for every purpose.

    Raises StatementMalformed (``entry.size``) for what is no statement, TypeError for a body of another type.
    """
    key = PrivateKey.generate(Algorithm.ES256K if type_ in _BY_CONTRACT_KEYS else Algorithm.ED25519)
    entry = build(type_, log=origin, iss=issuer, key=key, iat=now, stream=STREAM, seq=MAX_SEQ, body=body)
    every = Purpose.DEVICE | Purpose.STATEMENT | Purpose.ASSET | Purpose.ADMINISTRATION
    return examine(entry, origin), KeyRecord(issuer, key.public, every, 0, None)
