"""The draw of a verifier that neither side alone decides, and that everybody can compute again (DOMAIN 44).

The registrar commits to a secret, the enterprise answers with bytes of its own without knowing it, and then the secret
is opened: whoever has either's bytes alone knows nothing of the outcome. An enterprise that lets its time pass leaves
the choice to the registrar's secret; a registrar that does not open its own leaves a draw that everybody sees.

Source: commit and reveal, as in Blum, Coin Flipping by Telephone (1981), with SHA-256.
"""

from __future__ import annotations

from hashlib import sha256

from attestation.facts.cases import DrawRecord

LABEL = b"tanlu-draw\x00"
NO_CONTRIBUTION = bytes(32)
"""Stands for the enterprise's bytes once its time has passed."""
CONTRIBUTION_SECONDS = 30 * 86_400
"""A draw gives the enterprise at most so long: while it waits nobody else can be assigned."""
LAPSE_SECONDS = 7 * 86_400
"""A draw that nobody opened so long after ``contribute_until`` is over: the case is not held up for ever."""


def commitment_of(secret: bytes) -> bytes:
    """The SHA-256 that commits to a secret of 32 bytes."""
    return sha256(secret).digest()


def choose(statement_id: bytes, secret: bytes, contribution: bytes | None, candidates: int) -> int:
    """The place of the chosen one among so many candidates: ``SHA-256("tanlu-draw" 0x00 statement id, secret,
    contribution)`` as a big-endian number, modulo ``candidates``. The bias is below ``candidates / 2^256``."""
    digest = sha256(LABEL + statement_id + secret + (contribution or NO_CONTRIBUTION)).digest()
    return int.from_bytes(digest) % candidates


def chosen(draw: DrawRecord, secret: bytes) -> str:
    """The verifier that a draw chooses once its secret is opened."""
    return draw.candidates[choose(draw.statement_id, secret, draw.contribution, len(draw.candidates))]
