"""Signatures are judged the same whoever checks them, and a worker that dies changes no answer."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator

import pytest

from attestation.keys import Algorithm, PrivateKey
from ledger.verifying import Check, SignatureWorkers, check_here
from ledger.verifying.worker import read_frame, serve, write_frame


@pytest.fixture(scope="module")
def checks() -> list[Check]:
    """300 checks by three algorithms; every seventh is of another message."""
    keys = [PrivateKey.generate(algorithm) for algorithm in Algorithm]
    made = []
    for number in range(300):
        key, message = keys[number % len(keys)], b"reading %d" % number
        signature = key.sign(message)
        made.append(Check(key.public, message + b"!" if number % 7 == 0 else message, signature))
    return made


@pytest.fixture
def workers() -> Iterator[SignatureWorkers]:
    made = SignatureWorkers(2)
    yield made
    made.close()


def test_workers_judge_as_this_process_does(workers: SignatureWorkers, checks: list[Check]) -> None:
    expected = [number % 7 != 0 for number in range(300)]
    assert check_here(checks) == expected
    assert workers(checks) == expected
    assert workers(checks[:99]) == expected[:99]
    assert workers([]) == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_that_dies_is_replaced_and_nothing_is_missing(
    workers: SignatureWorkers, checks: list[Check], how: signal.Signals
) -> None:
    before = workers(checks)
    victims = {worker._child.id for worker in workers._all}
    for pid in victims:
        os.kill(pid, how)
    for worker in workers._all:
        worker._child.wait(30)
    assert workers(checks) == before
    assert workers(checks) == before
    assert victims.isdisjoint({worker._child.id for worker in workers._all})


def test_no_worker_outlives_whoever_started_it(checks: list[Check]) -> None:
    made = SignatureWorkers(2)
    made(checks)
    children = [worker._child for worker in made._all]
    assert children
    for child in children:
        child.requests.close()  # what the kernel does when the parent is killed
        assert child.wait(30) == 0
    made.close()
    assert made(checks) == check_here(checks), "after the end everything is checked here"


def test_a_cut_frame_ends_the_worker_without_an_answer() -> None:
    whole = io.BytesIO()
    write_frame(whole, b"x" * 100)
    answers = io.BytesIO()
    serve(io.BytesIO(whole.getvalue()[:50]), answers)
    assert answers.getvalue() == b""
    assert read_frame(io.BytesIO(whole.getvalue())) == b"x" * 100
    assert read_frame(io.BytesIO(b"\x00\x00")) is None
