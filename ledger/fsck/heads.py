"""Every head that the store speaks of, against the tree over the entries: signed ones, anchored ones, wished ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ledger.chain.intents import AnchorIntent, Kind
from ledger.checkpoint import Checkpoint, Note, verify_cosigners, verify_signatures
from ledger.errors import LedgerError
from ledger.fsck.faults import Findings
from ledger.fsck.store import Row, Store
from ledger.trust import Trust

_ROOT_BYTES = 32


@dataclass(slots=True)
class _Source:
    rows: Iterator[Row]
    judge: Callable[[Row, int, bytes], None]
    beyond: Callable[[Row], None]
    next: Row | None = None

    def advance(self) -> None:
        self.next = next(self.rows, None)


class Heads:
    """Judges the heads of ``checkpoints``, ``chain_anchors`` and ``outbox`` as the tree reaches their sizes.

    ``epoch`` is the log's: what was to be anchored in one that ended may be of a history that two persons ended.
    """

    def __init__(self, store: Store, findings: Findings, trust: Trust, epoch: int) -> None:
        self._findings = findings
        self._trust = trust
        self._epoch = epoch
        # Each begins with the size, and comes in its order.
        self._sources = [
            _Source(
                store.stream("SELECT size, epoch, root, note, cosigned FROM checkpoints ORDER BY size, epoch"),
                self._checkpoint,
                lambda row: findings.fault("checkpoints", (row[1], row[0]), "size", row[0], "a size of the tree"),
            ),
            _Source(
                store.stream(
                    "SELECT size, epoch, root FROM chain_anchors WHERE voided_number IS NULL ORDER BY size, epoch"
                ),
                lambda row, _size, root: findings.compare("chain_anchors", (row[1], row[0]), "root", row[2], root),
                lambda row: findings.fault("chain_anchors", (row[1], row[0]), "size", row[0], "a size of the tree"),
            ),
            _Source(
                store.stream(
                    "SELECT position, id, op_id, payload FROM outbox WHERE kind = ? ORDER BY position, id",
                    Kind.ANCHOR.value,
                ),
                self._wish,
                self._wish_beyond,
            ),
        ]
        for source in self._sources:
            source.advance()

    def wants(self, size: int) -> bool:
        """Whether a head of this size is to be judged."""
        return any(source.next is not None and _size_of(source.next) <= size for source in self._sources)

    def reached(self, size: int, root: bytes) -> None:
        """Judge the heads of this size; those of sizes that were never reached belong to no tree."""
        for source in self._sources:
            while source.next is not None and _size_of(source.next) <= size:
                if source.next[0] == size:
                    source.judge(source.next, size, root)
                else:
                    source.beyond(source.next)
                source.advance()

    def finish(self) -> None:
        """Name what lies beyond the tree."""
        for source in self._sources:
            while source.next is not None:
                source.beyond(source.next)
                source.advance()

    def _checkpoint(self, row: Row, size: int, root: bytes) -> None:
        _, epoch, found, text, cosigned = row
        key = (epoch, size)
        self._findings.looked_at("checkpoints")
        self._findings.compare("checkpoints", key, "root", found, root)
        if text is None:
            if cosigned:
                self._findings.fault("checkpoints", key, "note", None, "a signed note, as cosigned says")
            return
        try:
            note = Note.parse(text.encode())
            self._findings.compare(
                "checkpoints", key, "note", note.text, Checkpoint(self._trust.log, size, root, epoch).marshal()
            )
            self._signatures(note, cosigned=bool(cosigned))
        except LedgerError as error:
            self._findings.fault("checkpoints", key, "note", f"{error.rule}: {error.value}", error.expected)
        except (AttributeError, ValueError) as error:
            self._findings.fault("checkpoints", key, "note", error, "a signed note")

    def _signatures(self, note: Note, *, cosigned: bool) -> None:
        trust = self._trust
        verify_signatures(note, [trust.log_key], 1, rule="note.log-signature")
        if cosigned:
            verify_signatures(note, trust.witnesses, trust.witness_quorum, rule="note.witnesses")
            verify_cosigners(note, trust.cosigners, trust.cosigner_threshold, trust.checkpoint_domain)

    def _wish(self, row: Row, size: int, root: bytes) -> None:
        intent = self._intent(row)
        if intent is not None and size == intent.size and intent.epoch >= self._epoch:
            self._findings.compare("outbox", row[1], "payload", intent.root, root)

    def _wish_beyond(self, row: Row) -> None:
        intent = self._intent(row)
        if intent is not None and row[0] == intent.size and intent.epoch >= self._epoch:
            self._findings.fault("outbox", row[1], "position", row[0], "a size of the tree")

    def _intent(self, row: Row) -> AnchorIntent | None:
        position, key, op_id, payload = row
        try:
            intent = AnchorIntent.from_payload(json.loads(payload))
        except (ValueError, KeyError, TypeError) as error:
            self._findings.fault("outbox", key, "payload", payload, f"an anchor ({error})")
            return None
        self._findings.compare("outbox", key, "op_id", op_id, intent.operation_id(self._trust.deployment_id))
        self._findings.compare("outbox", key, "position", position, intent.size)
        return intent


def _size_of(row: Row) -> int:
    return row[0] if isinstance(row[0], int) else 0
