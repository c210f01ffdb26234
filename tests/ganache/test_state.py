from __future__ import annotations

import gzip
import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ganache import Final, StateUnreadable, read_final
from ganache.state import StateStore, check_document, decode_dump

GENESIS = "0x6b00f087"


def block(number: int, timestamp: str) -> dict[str, object]:
    return {"header": {"number": hex(number), "timestamp": timestamp, "extraData": "0x"}, "transactions": []}


def whole(number: int, *others: dict[str, object]) -> bytes:
    blocks = [*others, block(0, GENESIS), *(block(n, "0x6b00f088") for n in range(1, number + 1))]
    return json.dumps({"block": {}, "accounts": {}, "best_block_number": number, "blocks": blocks}).encode()


def final(number: int) -> Final:
    return Final(number, f"0x{number:064x}")


def test_a_saved_state_is_read_back_with_its_claim_and_the_one_before_stays(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    store.save(whole(1), final(1))
    assert not store.previous.exists()
    store.save(whole(2), final(2))
    assert store.latest() == (store.current, [])
    assert store.current.read_bytes() == whole(2)
    assert store.previous.read_bytes() == whole(1)
    assert read_final(store.final) == final(2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["final.json", "state.json", "state.previous.json"]


@pytest.mark.parametrize("bad", [b"", whole(2)[:-1], b"\x00" * 64, b"[]", b'{"block":{}}', b"\xff\xfe"])
def test_an_unreadable_state_is_renamed_and_reported_and_the_one_before_is_used(tmp_path: Path, bad: bytes) -> None:
    store = StateStore(tmp_path)
    store.save(whole(1), final(1))
    store.save(whole(2), final(2))
    store.current.write_bytes(bad)
    path, complaints = store.latest()
    assert path == store.previous
    assert [complaint.value for complaint in complaints] == [f"state.json, {len(bad)} bytes"]
    assert "set aside as state.json.bad-1" in complaints[0].message
    assert (tmp_path / "state.json.bad-1").read_bytes() == bad


def test_a_second_bad_state_does_not_overwrite_the_first_that_was_set_aside(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    for number, bad in enumerate((b"first", b"second"), start=1):
        store.current.write_bytes(bad)
        assert store.latest()[0] is None
        assert (tmp_path / f"state.json.bad-{number}").read_bytes() == bad


class Killed(Exception):
    """The process is gone: nothing after this point happens."""


def save_killed_at(step: int, store: StateStore, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Save state 3, ended before the `step`-th call that reaches the disk; whether it was ended."""
    calls = itertools.count(1)

    def deadly(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if next(calls) >= step:
                raise Killed
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for name in ("fsync", "link", "open", "replace", "unlink"):
            patch.setattr(os, name, deadly(getattr(os, name)))
        try:
            store.save(whole(3), final(3))
        except Killed:
            return True
    return False


def test_a_kill_before_any_step_of_a_save_leaves_a_whole_state_and_no_claim_beyond_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in itertools.count(1):
        folder = tmp_path / str(step)
        folder.mkdir()
        store = StateStore(folder)
        store.save(whole(1), final(1))
        store.save(whole(2), final(2))
        killed = save_killed_at(step, store, monkeypatch)
        assert store.latest() == (store.current, [])
        claim = read_final(store.final)
        assert claim is not None
        assert claim.number in (2, 3)
        assert claim.number <= json.loads(store.current.read_bytes())["best_block_number"]
        if not killed:
            break
    # Temporary file, second name, two renames, the folder, and the same for the claim.
    assert step > 8


def test_a_dump_is_unpacked_and_a_broken_one_is_refused() -> None:
    packed = gzip.compress(whole(7))
    assert decode_dump("0x" + packed.hex(), GENESIS) == whole(7)
    for broken in (packed[:-4], b"not gzip", gzip.compress(whole(7)[:-1]), b""):
        with pytest.raises(StateUnreadable):
            decode_dump("0x" + broken.hex(), GENESIS)
    with pytest.raises(StateUnreadable):
        decode_dump("0xzz", GENESIS)


def test_only_the_genesis_of_the_running_chain_is_kept() -> None:
    dump = gzip.compress(whole(3, block(0, "0x6b00f0ff"), block(0, "0x6b00f100"))).hex()
    assert json.loads(decode_dump(dump, GENESIS)) == json.loads(whole(3))
    with pytest.raises(StateUnreadable, match=r"state\.genesis"):
        decode_dump(dump, "0x1")


def test_a_missing_member_is_named() -> None:
    document = json.loads(whole(1))
    del document["accounts"]
    with pytest.raises(StateUnreadable, match="members missing: accounts"):
        check_document(json.dumps(document).encode(), "state.json")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"number": "x", "hash": "0x1"}', b"[1]", b"null"])
def test_a_claim_that_cannot_be_read_is_refused_and_a_missing_one_is_none(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "final.json"
    assert read_final(path) is None
    path.write_bytes(body)
    with pytest.raises(StateUnreadable):
        read_final(path)
