"""A witness cosigns extensions of what it cosigned last, and nothing else (C2SP tlog-witness)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.keys import Algorithm, PrivateKey
from ledger.checkpoint import Checkpoint, Note, SignatureKind, SignerKey, sign
from ledger.errors import NoteMalformed, WitnessConflict, WitnessRefused
from ledger.merkle import EMPTY_ROOT, MemoryTileStore, Tree, leaf_hash
from ledger.witness.core import MAX_BODY_BYTES, AddCheckpoint, WitnessState, decide, enter_epoch

ORIGIN = "park.example/log/" + "22" * 32
LOG = SignerKey(ORIGIN, SignatureKind.ED25519, PrivateKey(Algorithm.ED25519, b"\x01" * 32))
STRANGER = SignerKey(ORIGIN, SignatureKind.ED25519, PrivateKey(Algorithm.ED25519, b"\x09" * 32))
KEYS = [LOG.verifier]
TREE = Tree(MemoryTileStore())
TREE.append_leaves([leaf_hash(b"%d" % n) for n in range(40)])
FORK = Tree(MemoryTileStore())
FORK.append_leaves([leaf_hash(b"fork %d" % n) for n in range(40)])


def note(size: int, *, tree: Tree = TREE, epoch: int | None = 1, origin: str = ORIGIN, by: SignerKey = LOG) -> Note:
    return sign(Checkpoint(origin, size, tree.root(size), epoch), [by], time=1)


def request(old: int, new: int, *, tree: Tree = TREE, **options: object) -> AddCheckpoint:
    return AddCheckpoint(old, tuple(tree.consistency_proof(old, new)), note(new, tree=tree, **options))  # type: ignore[arg-type]  # keywords of note()


def at(size: int, epoch: int = 1) -> WitnessState:
    return WitnessState(ORIGIN, epoch, size, TREE.root(size))


@given(st.integers(0, 40), st.integers(0, 40))
def test_every_extension_is_cosigned(one: int, other: int) -> None:
    old, new = sorted((one, other))
    asked = request(old, new)
    state, cosigned = decide(at(old), KEYS, asked.format())
    assert (state.size, state.root, state.epoch) == (new, TREE.root(new), 1)
    assert cosigned == asked.note
    assert AddCheckpoint.parse(asked.format()) == asked


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40))
def test_no_fork_is_cosigned(old: int, claimed: int, new: int) -> None:
    # Whatever a fork claims as old size: only the empty tree is extended by every tree.
    claimed, new = sorted((claimed, new))
    state = at(old)
    if old == 0 == claimed:
        return
    with pytest.raises((WitnessRefused, WitnessConflict)):
        decide(state, KEYS, request(claimed, new, tree=FORK).format())


def refused(state: WitnessState, body: bytes) -> tuple[int, str]:
    with pytest.raises(WitnessRefused) as refusal:
        decide(state, KEYS, body)
    return refusal.value.status, refusal.value.rule


GOOD = request(7, 20).format()
PROOF_LINE = GOOD.split(b"\n")[1]


@pytest.mark.parametrize(
    ("rule", "alter"),
    [
        ("witness.body", lambda body: b""),
        ("witness.body", lambda body: body.replace(b"\n\n", b"\n")),
        ("witness.old-size", lambda body: body.replace(b"old 7", b"new 7")),
        ("witness.old-size", lambda body: body.replace(b"old 7", b"old  7")),
        ("witness.old-size", lambda body: body.replace(b"old 7", b"old 07")),
        ("witness.old-size", lambda body: body.replace(b"old 7", b"old -7")),
        ("witness.old-size", lambda body: body.replace(b"old 7", b"old " + str(2**63).encode())),
        ("witness.proof-line", lambda body: body.replace(PROOF_LINE, PROOF_LINE[:-1])),
        ("witness.proof-line", lambda body: body.replace(PROOF_LINE, base64.b64encode(b"x" * 31))),
        ("witness.proof-lines", lambda body: body.replace(PROOF_LINE, b"\n".join([PROOF_LINE] * 64))),
        ("witness.body-size", lambda body: body + b"x" * MAX_BODY_BYTES),
        ("note.separator", lambda body: body.rpartition(b"\n\n")[0] + b"\n"),
        ("note.final-newline", lambda body: body[:-1]),
        ("note.control-character", lambda body: body.replace(b"old 7", b"old 7\r")),
        ("note.utf8", lambda body: b"\xff" + body),
        ("checkpoint.extension", lambda body: body.replace(b"epoch", b"other")),
    ],
)
def test_malformed_requests_are_answered_400(rule: str, alter: Callable[[bytes], bytes]) -> None:
    assert refused(at(7), alter(GOOD)) == (400, rule)


def test_an_unknown_origin_is_answered_404() -> None:
    other = "park.example/log/" + "23" * 32
    assert refused(at(7), request(7, 20, origin=other).format()) == (404, "witness.origin")


def test_a_checkpoint_of_another_key_is_answered_403() -> None:
    assert refused(at(7), request(7, 20, by=STRANGER).format()) == (403, "witness.log-signature")


def test_a_forged_line_of_the_logs_key_is_answered_403() -> None:
    asked = request(7, 20)
    forged = replace(asked.note.signatures[0], signature=bytes(64))
    both = replace(asked, note=replace(asked.note, signatures=(*asked.note.signatures, forged)))
    assert refused(at(7), both.format()) == (403, "note.signature")


@pytest.mark.parametrize("epoch", [0, 2, None])
def test_a_checkpoint_of_another_epoch_is_answered_422(epoch: int | None) -> None:
    assert refused(at(7), request(7, 20, epoch=epoch).format()) == (422, "witness.epoch")


def test_an_old_size_above_the_new_one_is_answered_400() -> None:
    assert refused(at(20), AddCheckpoint(20, (), note(7)).format()) == (400, "witness.old-size")


def test_another_old_size_is_answered_409_with_the_right_one() -> None:
    for old in (0, 6, 8):
        with pytest.raises(WitnessConflict) as conflict:
            decide(at(7), KEYS, request(old, 20).format())
        assert conflict.value.size == 7


@pytest.mark.parametrize(
    ("state", "asked", "rule"),
    [
        (at(7), AddCheckpoint(7, (), note(20)), "merkle.proof.length"),
        (at(7), AddCheckpoint(7, tuple(FORK.consistency_proof(7, 20)), note(20)), "merkle.consistency.old-root"),
        (at(7), AddCheckpoint(7, tuple(TREE.consistency_proof(7, 20)), note(20, tree=FORK)), None),
        (at(7), AddCheckpoint(7, (), note(7, tree=FORK)), "merkle.consistency.same-size"),
        (at(7), AddCheckpoint(7, (TREE.root(7),), note(7)), "merkle.proof.length"),
        (at(0), AddCheckpoint(0, (TREE.root(7),), note(20)), "merkle.proof.length"),
        (
            at(0),
            AddCheckpoint(0, (), sign(Checkpoint(ORIGIN, 0, b"\0" * 32, 1), [LOG], time=1)),
            "merkle.empty-root",
        ),
    ],
)
def test_what_does_not_extend_is_answered_422(state: WitnessState, asked: AddCheckpoint, rule: str | None) -> None:
    status, found = refused(state, asked.format())
    assert status == 422
    assert found == rule if rule else found.startswith("merkle.consistency")


def test_the_first_checkpoint_needs_no_proof_and_the_same_one_may_be_asked_again() -> None:
    state, _ = decide(at(0), KEYS, request(0, 20).format())
    again, _ = decide(state, KEYS, request(20, 20).format())
    assert again == state
    assert at(0).root == EMPTY_ROOT


def test_an_epoch_is_entered_only_upwards_and_from_a_root_of_its_size() -> None:
    state = at(20, epoch=3)
    assert enter_epoch(state, 4, 7, TREE.root(7)) == at(7, epoch=4)
    assert enter_epoch(state, 9, 0, EMPTY_ROOT) == at(0, epoch=9)
    for epoch, size, root in [
        (3, 7, TREE.root(7)),
        (2, 7, TREE.root(7)),
        (2**63, 7, TREE.root(7)),
        (4, -1, TREE.root(7)),
        (4, 7, b"short"),
        (4, 0, TREE.root(7)),
    ]:
        with pytest.raises(WitnessRefused):
            enter_epoch(state, epoch, size, root)


@given(st.binary(max_size=60), st.integers(0, len(GOOD)))
def test_noise_is_refused_or_is_the_same_request(noise: bytes, where: int) -> None:
    body = GOOD[:where] + noise + GOOD[where + len(noise) :]
    try:
        parsed = AddCheckpoint.parse(body)
    except NoteMalformed:
        return
    assert parsed.format() == body
