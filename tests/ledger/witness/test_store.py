"""The witness's state: atomic, its own, and never guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import WitnessInUse, WitnessStateInvalid
from ledger.merkle import EMPTY_ROOT
from ledger.witness.core import WitnessState
from ledger.witness.store import StateFile, format_state, parse_state

STATE = WitnessState("park.example/log", 3, 2**63 - 1, b"\x07" * 32, "note — ü\n".encode())


def test_a_saved_state_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "witness.json"
    with StateFile(path) as store:
        assert store.load("park.example/log", first_epoch=1) == WitnessState("park.example/log", 1, 0, EMPTY_ROOT)
        store.save(STATE)
    with StateFile(path) as store:
        assert store.load("park.example/log") == STATE
    assert sorted(each.name for each in path.parent.iterdir()) == ["witness.json", "witness.json.lock"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_witnesses_cannot_share_a_state(tmp_path: Path) -> None:
    path = tmp_path / "witness.json"
    with StateFile(path), pytest.raises(WitnessInUse, match=r"witness\.lock"), StateFile(path):
        pass
    with StateFile(path):
        pass


def test_a_missing_state_is_not_guessed(tmp_path: Path) -> None:
    with StateFile(tmp_path / "witness.json") as store, pytest.raises(WitnessStateInvalid, match="state-missing"):
        store.load("park.example/log")


def test_the_state_of_another_log_is_refused(tmp_path: Path) -> None:
    with StateFile(tmp_path / "witness.json") as store:
        store.save(STATE)
        with pytest.raises(WitnessStateInvalid, match="state-origin"):
            store.load("another.example/log", first_epoch=1)


def test_a_failed_write_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with StateFile(tmp_path / "witness.json") as store:
        store.save(STATE)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="space"):
            store.save(WitnessState("park.example/log", 9))
        monkeypatch.undo()
        assert store.load("park.example/log") == STATE


def test_a_state_is_only_written_under_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="locked"):
        StateFile(tmp_path / "witness.json").save(STATE)


@given(
    st.builds(
        WitnessState,
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
        st.integers(0, 2**63 - 1),
        st.integers(0, 2**63 - 1),
        st.binary(min_size=32, max_size=32),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=80).map(str.encode),
    )
)
def test_states_round_trip(state: WitnessState) -> None:
    assert parse_state(format_state(state)) == state


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("state-json", b"}", b""),
        ("state-json", b'"v": 1', b'"v": 1, "v": 1'),
        ("state-members", b'"v": 1', b'"v": 2'),
        ("state-members", b'"v": 1', b'"v": 1, "more": 1'),
        ("state-members", b"witness-state", b"receipt"),
        ("state-members", b'"park.example/log"', b"5"),
        ("state-number", b'"3"', b"3"),
        ("state-number", b'"3"', b'"-3"'),
        ("state-number", b'"3"', b'"9999999999999999999"'),
        ("state-root", b"07" * 32, b"07" * 31),
        ("state-root", b"07" * 32, b"zz" * 32),
    ],
)
def test_a_damaged_state_stops_the_witness(rule: str, old: bytes, new: bytes) -> None:
    data = format_state(STATE)
    assert old in data
    with pytest.raises(WitnessStateInvalid, match=rule):
        parse_state(data.replace(old, new))


@given(st.integers(0, len(format_state(STATE)) - 2))
def test_a_truncated_state_stops_the_witness(length: int) -> None:
    with pytest.raises(WitnessStateInvalid):
        parse_state(format_state(STATE)[:length])
