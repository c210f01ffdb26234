"""Cosignatures: every witness is asked in turn, with the proof that it wants, whatever size it holds by now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ledger.checkpoint import Note, SignatureLine
from ledger.db.base import Database
from ledger.db.log_models import CheckpointRow
from ledger.errors import HistoryDiverged, LedgerError, WitnessConflict, WitnessRefused, WitnessUnavailable
from ledger.held_heads import HeldHead
from ledger.view import integrated_tree

_ATTEMPTS: Final = 2
_UNPROCESSABLE: Final = 422


class WitnessClient(Protocol):
    """Asks one witness (C2SP tlog-witness); ``ledger.witness.client`` does it over HTTP."""

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: Note, /) -> Sequence[SignatureLine]:
        """The witness's lines, one by each of its keys, verified.

        Raises ``WitnessConflict`` with its size, ``WitnessUnavailable``, ``WitnessRefused``, ``SignatureInvalid``.
        """


@dataclass(slots=True)
class Witness:
    """One witness: how to ask it, and the size it cosigned last as far as we know."""

    client: WitnessClient
    size: int = 0


class Cosigning:
    """Completes heads that the log signed.

    ``check_extends`` raises where the log does not extend a head that somebody holds; ``ask_holders`` asks all of them.
    """

    def __init__(
        self,
        database: Database,
        witnesses: Sequence[Witness],
        check_extends: Callable[[HeldHead], None],
        ask_holders: Callable[[], None],
    ) -> None:
        self._database = database
        self._witnesses = tuple(witnesses)
        self._check_extends = check_extends
        self._ask_holders = ask_holders

    def complete(self, head: CheckpointRow, note: Note) -> Note | None:
        """The note with the lines of all witnesses; ``None`` where one of them is at a later head of this log.

        Raises ``WitnessUnavailable`` (also for a witness in another epoch), ``HistoryDiverged``, ``WitnessRefused``.
        """
        for witness in self._witnesses:
            lines = self._ask(witness, head, note)
            if lines is None:
                return None
            note = note.with_signatures(*lines)
        return note

    def _ask(self, witness: Witness, head: CheckpointRow, note: Note) -> Sequence[SignatureLine] | None:
        for _ in range(_ATTEMPTS):
            try:
                lines = witness.client.add_checkpoint(witness.size, self._proof(witness.size, head.size), note)
            except WitnessRefused as refused:
                raise self._refused(refused, head) from refused
            except WitnessConflict as conflict:
                witness.size = conflict.size
                self._check_extends(HeldHead("witness", conflict.size, None))
                if conflict.size > head.size:
                    return None  # a sequencer that runs beside this one is further: the next head is for both
            else:
                witness.size = head.size
                return lines
        # Sizes of this log each time: a sequencer beside this one moves the witness between question and answer.
        raise WitnessUnavailable(
            "The witness's size changed while it was asked.",
            rule="witness.moved",
            value=witness.size,
            expected=f"the same size for two requests, then {head.size}",
            message_zh="询问期间见证人的大小发生了变化。",
        )

    def _refused(self, refused: WitnessRefused, head: CheckpointRow) -> LedgerError:
        if refused.status != _UNPROCESSABLE:
            return refused
        # Over HTTP the witness's own words are the value.
        if "witness.epoch" in {refused.rule, refused.value.partition(":")[0]}:
            return WitnessUnavailable(
                "The witness is in another epoch than the log; `tanlu epoch adopt` carries it over.",
                rule="witness.epoch",
                value=refused.value,
                expected=f"epoch {head.epoch}",
                message_zh="见证人与日志处于不同的纪元；请执行 tanlu epoch adopt。",
            )
        # It holds what this log does not extend: asked again, it says which head that is.
        self._ask_holders()
        return HistoryDiverged(
            "The witness holds a tree head that this log does not extend; the new head gets no cosignature.",
            rule="sequencer.witness",
            value=refused.value,
            expected=f"a witness whose head is extended by size {head.size}, root {head.root.hex()}",
            message_zh="见证人持有的树头不是本日志的前身，新树头得不到共签。",
        )

    def _proof(self, old: int, new: int) -> list[bytes]:
        if old in {0, new}:
            return []
        with self._database.read() as session:
            return integrated_tree(session).consistency_proof(old, new)
