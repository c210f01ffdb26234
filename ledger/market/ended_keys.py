"""Which keys an entry ends, from ``key`` entries alone (docs/design.md §2): what they signed meets nothing any more."""

from __future__ import annotations

from collections.abc import Iterator

from attestation.bodies.keys import AddKey, CompleteRecovery, CompromiseKey, EnrolKey, RevokeKey, RotateKey
from attestation.envelope import Statement
from attestation.judging.enrolment import new_key

_BRINGS = EnrolKey | AddKey | RotateKey | CompleteRecovery


class EndedKeys:
    """Fed with entries in their order; keys are named by their RFC 7638 thumbprints."""

    def __init__(self, registrar: str) -> None:
        self._registrar = registrar
        self._root: str | None = None
        self._brought: dict[str, list[tuple[int, str]]] = {}

    def feed(self, index: int, statement: Statement) -> list[str]:
        """The keys that the entry at ``index`` ends, each once; none of most entries."""
        body, signer = statement.body, statement.kid_key
        if isinstance(body, _BRINGS):
            key = new_key(body.key.jwk).kid_name
            if self._root is None and statement.iss == self._registrar:
                self._root = key
            if signer != self._root:
                self._brought.setdefault(signer, []).append((index, key))
        match body:
            case RotateKey():
                return [signer]
            case RevokeKey():
                return [body.thumbprint]
            case CompleteRecovery():
                return [body.replaces]
            case CompromiseKey():
                return list(dict.fromkeys(self._flagged(body.thumbprint, body.invalid_since)))
            case _:
                return []

    def _flagged(self, thumbprint: str, since: int) -> Iterator[str]:
        yield thumbprint
        for index, child in self._brought.get(thumbprint, []):
            if index >= since:
                yield from self._flagged(child, index)
