"""Longer texts, and digests in hex: what plans, findings and verdicts are made of."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.texts import published, whole

WORDS_LIMIT = 4_000
DIGEST_PATTERN = r"[0-9a-f]{64}"

WordsText = Annotated[str, published(minLength=1, maxLength=WORDS_LIMIT)]
"""Sentences: printable characters and line feeds."""
DigestText = Annotated[str, published(pattern=whole(DIGEST_PATTERN))]
"""32 bytes in lowercase hex."""
