"""The trust file as the client uses it: what somebody believes before asking anybody (docs/design.md §6)."""

from __future__ import annotations

from pathlib import Path

from attestation.keys import Algorithm, PublicKey
from ledger import trust as trust_format
from ledger.trust import Trust
from tanlu.errors import InputRefused


def load_trust(path: Path | str) -> Trust:
    """The trust file at `path`. Raises InputRefused (``file.unreadable``) and ledger.errors.TrustMalformed."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputRefused(
            rule="file.unreadable",
            value=str(path),
            expected="a trust file",
            message=f"The trust file cannot be read: {error.strerror}",
            message_zh="无法读取信任文件",
        ) from error
    return trust_format.parse(data)


def log_public_key(trust: Trust) -> PublicKey:
    """The Ed25519 key that signs the log's promises and checkpoints."""
    return PublicKey(Algorithm.ED25519, trust.log_key.material)
