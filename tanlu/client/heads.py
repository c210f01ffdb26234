"""The log's heads: cosigned checkpoints, and proofs that one extends another, checked against the trust file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ledger.checkpoint import Checkpoint, Note, verify_signatures
from ledger.errors import LedgerError
from ledger.merkle import verify_consistency
from ledger.trust import Trust
from tanlu.client.answers import decode
from tanlu.client.evidence import keep
from tanlu.client.transport import Transport
from tanlu.errors import PromiseBroken


class _Consistency(msgspec.Struct, frozen=True):
    proof: tuple[str, ...]


class HeadReads:
    """Part of ``tanlu.client.Client``. Without a trust file notes are passed on unjudged."""

    _transport: Transport
    _evidence: Path
    _trust: Trust | None

    def checkpoint(self, size: int | None = None) -> str:
        """The newest cosigned checkpoint (a signed note), or that of one size; signatures are checked."""
        path = "/v1/checkpoint" if size is None else f"/v1/checkpoints/{size}"
        text = self._transport.request("GET", path).text
        if self._trust is not None:
            self._head(text, size)
        return text

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The RFC 9162 consistency proof between two checkpoints' sizes; with a trust file verified against both."""
        response = self._transport.request("GET", "/v1/consistency", params={"old": old, "new": new})
        proof = [bytes.fromhex(node) for node in decode(response.content, _Consistency).proof]
        if self._trust is not None and old:
            before, after = (self._head(self.checkpoint(size), size) for size in (old, new))
            try:
                verify_consistency(old, new, before.root, after.root, proof)
            except LedgerError as error:
                raise self._kept(error, answered=response.text) from error
        return proof

    def _head(self, text: str, size: int | None) -> Checkpoint:
        assert self._trust is not None  # noqa: S101 - told to mypy: callers judge only with a trust file
        try:
            note = Note.parse(text.encode("utf-8"))
            verify_signatures(note, [self._trust.log_key], 1, rule="checkpoint.log_signature")
            verify_signatures(note, self._trust.witnesses, self._trust.witness_quorum, rule="checkpoint.witnesses")
            head = Checkpoint.parse(note.text)
        except LedgerError as error:
            raise self._kept(error, answered=text) from error
        for rule, found, expected in (
            ("checkpoint.origin", head.origin, self._trust.log),
            ("checkpoint.size", head.size, head.size if size is None else size),
        ):
            if found != expected:
                raise keep(self._evidence, mismatch(rule, found, expected), answered=text)
        return head

    def _kept(self, error: LedgerError, *, answered: str) -> PromiseBroken:
        broken = PromiseBroken(
            rule=error.rule,
            value=error.value,
            expected=error.expected,
            message=error.message,
            message_zh=error.message_zh,
        )
        return keep(self._evidence, broken, answered=answered)


def mismatch(rule: str, value: object, expected: object) -> PromiseBroken:
    """That an answer is not what was asked for, or not what it says of itself."""
    return PromiseBroken(
        rule=rule,
        value=value,
        expected=expected,
        message=f"The service's answer does not fit: {rule}",
        message_zh="服务的应答前后不一致",
    )
