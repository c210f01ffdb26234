"""The text of a checkpoint: three lines and the epoch, each in one spelling (C2SP tlog-checkpoint)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoint import Checkpoint
from ledger.errors import NoteMalformed

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
GOOD = f"park.example/log\n20852163\n{ROOT}\nepoch 3\n"


def test_the_published_example() -> None:
    text = f"example.com/behind-the-sofa\n20852163\n{ROOT}\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.epoch) == ("example.com/behind-the-sofa", 20852163, None)
    assert checkpoint.marshal() == text


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60),
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.none() | st.integers(0, 2**63 - 1),
)
def test_checkpoints_round_trip(origin: str, size: int, root: bytes, epoch: int | None) -> None:
    checkpoint = Checkpoint(origin, size, root, epoch)
    assert Checkpoint.parse(checkpoint.marshal()) == checkpoint


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("checkpoint.lines", ""),
        ("checkpoint.lines", "\n"),
        ("checkpoint.lines", GOOD[:-1]),
        ("checkpoint.lines", f"{GOOD}epoch 3\n"),
        ("checkpoint.lines", "park.example/log\n1\n"),
        ("checkpoint.origin", GOOD.replace("park.example/log", "")),
        ("checkpoint.origin", GOOD.replace("park.example/log", "a" * 1025)),
        ("checkpoint.origin", GOOD.replace("park.example/log", "park\r")),
        ("checkpoint.size", GOOD.replace("20852163", "020852163")),
        ("checkpoint.size", GOOD.replace("20852163", "-1")),
        ("checkpoint.size", GOOD.replace("20852163", "+1")),
        ("checkpoint.size", GOOD.replace("20852163", "1_0")),
        ("checkpoint.size", GOOD.replace("20852163", "1 ")),
        ("checkpoint.size", GOOD.replace("20852163", "")),
        ("checkpoint.size", GOOD.replace("20852163", "١")),
        ("checkpoint.size", GOOD.replace("20852163", str(2**63))),
        ("checkpoint.size", GOOD.replace("20852163", "9" * 5000)),
        ("checkpoint.root", GOOD.replace(ROOT, ROOT[:-1])),
        ("checkpoint.root", GOOD.replace(ROOT, "AAAA")),
        ("checkpoint.root", GOOD.replace("q2I=", "q2J=")),
        ("checkpoint.extension", GOOD.replace("epoch", "Epoch")),
        ("checkpoint.extension", GOOD.replace("epoch 3", "anything")),
        ("checkpoint.extension", GOOD.replace("epoch 3", "")),
        ("checkpoint.epoch", GOOD.replace("epoch 3", "epoch 03")),
        ("checkpoint.epoch", GOOD.replace("epoch 3", "epoch  3")),
        ("checkpoint.epoch", GOOD.replace("epoch 3", "epoch ")),
    ],
)
def test_malformed_checkpoints_are_refused_with_the_rule(rule: str, text: str) -> None:
    with pytest.raises(NoteMalformed) as refusal:
        Checkpoint.parse(text)
    assert refusal.value.rule == rule


@pytest.mark.parametrize(("size", "epoch"), [(-1, 1), (2**63, 1), (1, -1), (1, 2**63)])
def test_numbers_out_of_bounds_make_no_checkpoint(size: int, epoch: int) -> None:
    with pytest.raises(NoteMalformed):
        Checkpoint("a", size, b"\0" * 32, epoch)
