"""Every checkpoint against the tree over the entries: its root, the log's signature, the cosignatures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from ledger.audit.evidence import HeadRow
from ledger.audit.findings import Area, Divergences
from ledger.checkpoint import Checkpoint, Note, verify_cosigners, verify_signatures
from ledger.errors import LedgerError
from ledger.trust import Trust


class Heads:
    """Judges checkpoints as the tree reaches their sizes.

    A tree with another root than a head has been altered, or the head was: the first such head is told with both roots,
    the others by their number, since an altered entry makes every later head differ.
    """

    def __init__(self, rows: Iterable[HeadRow], trust: Trust, divergences: Divergences) -> None:
        self._trust = trust
        self._divergences = divergences
        self._rows: dict[int, list[HeadRow]] = defaultdict(list)
        for row in rows:
            self._rows[row.size].append(row)
        self.checked = 0
        self._differing: list[int] = []

    def sizes(self) -> Collection[int]:
        """The sizes that there are heads of."""
        return self._rows.keys()

    def reached(self, size: int, root: bytes) -> None:
        """Judge the heads of that size. Call in the order of sizes."""
        for row in self._rows.get(size, ()):
            self.checked += 1
            if row.root is not None and row.root != root:
                self._divergences.add(Area.ROW, f"checkpoints {row.epoch}/{size}, root", "audit.row", row.root, root)
            if row.note is not None:
                self._judge(row, root)
            elif row.cosigned:
                self._divergences.add(Area.HEAD, self._place(row), "audit.note", None, "the note that was cosigned")

    def finish(self) -> None:
        """Tell how many heads after the first differ."""
        if len(self._differing) > 1:
            self._divergences.add(
                Area.HEAD,
                f"size {self._differing[1]}",
                "audit.heads_differ",
                f"{len(self._differing) - 1} more heads, up to size {self._differing[-1]}",
                "heads of one tree",
            )

    def _judge(self, row: HeadRow, root: bytes) -> None:
        place = self._place(row)
        try:
            note = Note.parse((row.note or "").encode())
            self._signatures(note, cosigned=row.cosigned)
            found = Checkpoint.parse(note.text)
        except LedgerError as error:
            self._divergences.refused(Area.HEAD, place, error)
            return
        if found.root != root:
            if not self._differing:
                self._divergences.add(Area.HEAD, place, "audit.root", found.root, root, size=row.size)
            self._differing.append(row.size)
        wanted = Checkpoint(self._trust.log, row.size, found.root, row.epoch).marshal()
        if note.text != wanted:
            self._divergences.add(Area.HEAD, place, "audit.head", note.text, wanted)

    @staticmethod
    def _place(row: HeadRow) -> str:
        return f"size {row.size}" if row.epoch == 0 else f"size {row.size}, epoch {row.epoch}"

    def _signatures(self, note: Note, *, cosigned: bool) -> None:
        trust = self._trust
        verify_signatures(note, [trust.log_key], 1, rule="note.log-signature")
        if not cosigned:
            return
        verify_signatures(note, trust.witnesses, trust.witness_quorum, rule="note.witnesses")
        verify_cosigners(note, trust.cosigners, trust.cosigner_threshold, trust.checkpoint_domain)
