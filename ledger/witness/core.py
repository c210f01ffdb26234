"""What a witness decides, without I/O: state and request in; the next state, or a refusal.

The order of the checks and their HTTP statuses are those of C2SP tlog-witness, ``add-checkpoint``:

1. the body is in its format, else 400
2. the origin is the one this witness knows, else 404
3. the log's key signed the checkpoint, else 403
4. the epoch is the one this witness is in, else 422 (ours: only ``reset_epoch`` changes an epoch, never a request)
5. the old size is at most the new one, else 400
6. the old size is the size cosigned last, else 409 with that size
7. the new tree extends that one: consistency proof, root of the empty tree, equal roots at equal sizes, else 422
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ledger.checkpoint import MAX_NOTE_BYTES, Checkpoint, Note, VerifierKey, verify_signatures
from ledger.errors import NoteMalformed, ProofInvalid, SignatureInvalid, WitnessConflict, WitnessRefused
from ledger.merkle import EMPTY_ROOT, HASH_SIZE, MAX_SIZE, verify_consistency
from ledger.notes.body import parse_decimal
from ledger.notes.note import malformed, plain_text, strict_base64

MAX_PROOF_LINES: Final = 63
_BASE64_HASH: Final = 45
MAX_BODY_BYTES: Final = MAX_NOTE_BYTES + MAX_PROOF_LINES * _BASE64_HASH + 64
_OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class WitnessState:
    """The last checkpoint cosigned for ``origin``: epoch, size, root; ``note`` is that checkpoint as it was answered
    (empty before the first)."""

    origin: str
    epoch: int
    size: int = 0
    root: bytes = EMPTY_ROOT
    note: bytes = b""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: the size that the log believes was cosigned last, the proof from there, and the signed checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: Note

    def format(self) -> bytes:
        """The request's body."""
        proof = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.proof)
        return f"{_OLD}{self.old_size}\n{proof}\n".encode() + self.note.format()

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """A request from its body. Raises ``NoteMalformed``."""
        if len(body) > MAX_BODY_BYTES:
            raise malformed("witness.body-size", f"{len(body)} bytes", f"at most {MAX_BODY_BYTES} bytes")
        head, separator, note = body.partition(b"\n\n")
        if not separator:
            raise malformed("witness.body", body, "old size, proof lines, an empty line, a checkpoint")
        first, *lines = plain_text(head).split("\n")
        if not first.startswith(_OLD):
            raise malformed("witness.old-size", first, "old <size>")
        old_size = parse_decimal(first.removeprefix(_OLD), "witness.old-size")
        if len(lines) > MAX_PROOF_LINES:
            raise malformed("witness.proof-lines", len(lines), f"at most {MAX_PROOF_LINES}")
        proof = tuple(strict_base64(line, "witness.proof-line") for line in lines)
        for each in proof:
            if len(each) != HASH_SIZE:
                raise malformed("witness.proof-line", each, f"{HASH_SIZE} bytes")
        return cls(old_size, proof, Note.parse(note))


def decide(state: WitnessState, log_keys: Sequence[VerifierKey], body: bytes) -> tuple[WitnessState, Note]:
    """The state after cosigning the checkpoint in ``body``, and the log's note to cosign.

    The next state's ``note`` is still to be set, by whoever adds the cosignatures. Raises ``WitnessRefused`` (400, 403,
    404, 422) and ``WitnessConflict`` (409).
    """
    try:
        request = AddCheckpoint.parse(body)
        checkpoint = Checkpoint.parse(request.note.text)
    except NoteMalformed as error:
        raise WitnessRefused(
            "The request is not in its format.",
            status=400,
            rule=error.rule,
            value=error.value,
            expected=error.expected,
            message_zh="请求不符合格式。",
        ) from error
    if checkpoint.origin != state.origin:
        raise WitnessRefused(
            "The witness does not know this log.",
            status=404,
            rule="witness.origin",
            value=checkpoint.origin,
            expected=state.origin,
            message_zh="见证人不认识此日志。",
        )
    try:
        verify_signatures(request.note, log_keys, 1, rule="witness.log-signature")
    except SignatureInvalid as error:
        raise WitnessRefused(
            "The log's key did not sign this checkpoint.",
            status=403,
            rule=error.rule,
            value=error.value,
            expected=error.expected,
            message_zh="日志密钥没有签署此检查点。",
        ) from error
    if checkpoint.epoch != state.epoch:
        raise WitnessRefused(
            "The checkpoint is of another epoch than the witness.",
            status=422,
            rule="witness.epoch",
            value=checkpoint.epoch,
            expected=state.epoch,
            message_zh="检查点的纪元与见证人的不同。",
        )
    _check_growth(state, request, checkpoint)
    return replace(state, size=checkpoint.size, root=checkpoint.root, note=b""), request.note


def _check_growth(state: WitnessState, request: AddCheckpoint, checkpoint: Checkpoint) -> None:
    if request.old_size > checkpoint.size:
        raise WitnessRefused(
            "The old size is above the checkpoint's.",
            status=400,
            rule="witness.old-size",
            value=request.old_size,
            expected=f"at most {checkpoint.size}",
            message_zh="旧的大小超过检查点的大小。",
        )
    if request.old_size != state.size:
        raise WitnessConflict(
            "The witness cosigned another size last.",
            size=state.size,
            rule="witness.size",
            value=request.old_size,
            expected=state.size,
            message_zh="见证人上次共签的是另一个大小。",
        )
    try:
        verify_consistency(state.size, checkpoint.size, state.root, checkpoint.root, request.proof)
    except ProofInvalid as error:
        raise WitnessRefused(
            "The checkpoint does not extend the one cosigned last.",
            status=422,
            rule=error.rule,
            value=error.value,
            expected=error.expected,
            message_zh="检查点没有延续上次共签的检查点。",
        ) from error


def enter_epoch(state: WitnessState, epoch: int, size: int, root: bytes) -> WitnessState:
    """The state at the start of a later epoch, from a known good size and root (design §5).

    Raises ``WitnessRefused`` (422) if the epoch is not later, or size and root cannot belong together.
    """
    if not state.epoch < epoch <= MAX_SIZE:
        raise _bad_reset("witness.epoch", epoch, f"above {state.epoch}")
    if not 0 <= size <= MAX_SIZE:
        raise _bad_reset("witness.size", size, f"0 to {MAX_SIZE}")
    if len(root) != HASH_SIZE or (size == 0 and root != EMPTY_ROOT):
        raise _bad_reset("witness.root", root, "the 32-byte root of that size")
    return WitnessState(state.origin, epoch, size, root)


def _bad_reset(rule: str, value: object, expected: str) -> WitnessRefused:
    return WitnessRefused(
        "The new epoch cannot start there.",
        status=422,
        rule=rule,
        value=value,
        expected=expected,
        message_zh="新纪元不能从此处开始。",
    )
