"""Keccak-256 by one state a thread is Keccak-256."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from attestation import keccak as module
from attestation.keccak import keccak256


@given(st.lists(st.binary(max_size=700), max_size=4))
def test_every_hash_is_the_one_of_eth_utils_whatever_was_hashed_before(texts: list[bytes]) -> None:
    assert [keccak256(text) for text in texts] == [keccak(text) for text in texts]


@pytest.mark.parametrize("size", [0, 1, 135, 136, 137, 271, 272, 273, 10_000])
def test_the_edges_of_a_block_are_hashed_alike_by_both_ways(size: int) -> None:
    text = bytes(range(256)) * 40
    assert keccak256(text[:size]) == module._slow(text[:size]) == keccak(text[:size])


def test_threads_do_not_share_a_state() -> None:
    """The library lets other threads run in the midst of a hash."""
    texts = [bytes([number]) * (200 + number) for number in range(4)]
    found: dict[int, set[bytes]] = {number: set() for number in range(4)}

    def work(number: int) -> None:
        for _ in range(2_000):
            found[number].add(keccak256(texts[number]))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: {keccak(texts[number])} for number in range(4)}


def test_what_is_private_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of pycryptodome that names its functions otherwise costs time, and no hash."""
    monkeypatch.delattr(module._HASH, "_raw_keccak_lib")
    assert module._chosen() is module._slow


def test_a_private_way_that_computes_something_else_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def other() -> Any:
        return lambda _data: bytes(32)

    monkeypatch.setattr(module, "_reusing", other)
    assert module._chosen() is module._slow


def test_a_process_that_hashed_ends_by_itself() -> None:
    """A state that is freed after its library ended the process by a signal, whatever its exit code was to be."""
    program = "from attestation.keccak import keccak256; import api.app; keccak256(b'tanlu'); raise SystemExit(5)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120, check=False)
    assert done.returncode == 5, done.stderr.decode()
