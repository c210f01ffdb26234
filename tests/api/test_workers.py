"""Supervision of background roles: retryable errors are waited out, everything else stops the process."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from api import workers
from api.workers import Worker
from ledger.chain.errors import RequestRefused
from ledger.errors import ChainUnavailable, HistoryDiverged

DEADLINE = 10.0


def _unavailable() -> ChainUnavailable:
    return ChainUnavailable("no answer", rule="chain.unavailable", value="", expected="", message_zh="无应答")


class _Run:
    """A worker whose rounds are given one by one; it stops itself when they are used up."""

    def __init__(self, *rounds: Exception | bool) -> None:
        self.stop = threading.Event()
        self.failures: list[Exception] = []
        self.ended = 0
        self._rounds = list(rounds)
        self.worker = Worker("role", self._round, 0.001, self.stop, self._fail, self._end)

    def _round(self) -> bool:
        if not self._rounds:
            self.stop.set()
            return False
        answer = self._rounds.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _fail(self, error: Exception) -> None:
        self.failures.append(error)
        self.stop.set()

    def _end(self) -> None:
        self.ended += 1

    def go(self) -> None:
        self.worker.start()
        assert self.stop.wait(DEADLINE)
        assert self.worker.join(DEADLINE)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(workers, "LONGEST_PAUSE_SECONDS", 0.002)


@pytest.mark.parametrize("error", [_unavailable, lambda: RequestRefused("eth_call", -32000, "busy")])
@pytest.mark.usefixtures("quick")
def test_what_can_pass_is_waited_out(error: Callable[[], Exception]) -> None:
    run = _Run(error(), error(), True, error(), False)
    run.go()
    assert not run.failures
    assert run.worker.pulse.rounds == 3
    assert run.worker.pulse.waiting_for is None
    assert run.ended == 1


@pytest.mark.parametrize("error", [HistoryDiverged("two trees", rule="test.diverged"), RuntimeError("a mistake")])
def test_anything_else_stops_the_process_and_is_not_tried_again(error: Exception) -> None:
    run = _Run(True, error, True, True)
    run.go()
    assert run.failures == [error]
    assert run.worker.pulse.rounds == 1
    assert run.ended == 0


@pytest.mark.usefixtures("quick")
def test_a_role_that_waits_says_for_what() -> None:
    seen: list[str | None] = []
    run = _Run()

    def one_round() -> bool:
        seen.append(run.worker.pulse.waiting_for)
        if len(seen) > 1:
            run.stop.set()
            return False
        raise _unavailable()

    run.worker.round = one_round
    run.go()
    assert seen[0] is None
    assert "no answer" in str(seen[1])


@pytest.mark.usefixtures("quick")
def test_every_round_is_told_to_the_observer_and_failures_are_counted() -> None:
    told: list[tuple[str, bool, Exception | None]] = []
    error = _unavailable()
    run = _Run(error, True, error, error, False)
    run.worker.observe = lambda role, seconds, found: told.append((role, seconds >= 0, found))
    run.go()
    assert told[:5] == [("role", True, item) for item in (error, None, error, error, None)]
    assert (run.worker.pulse.failures, run.worker.pulse.in_a_row) == (3, 0)


def test_the_pause_doubles_up_to_its_bound_and_is_never_the_same_for_all() -> None:
    for failures in range(1, 40):
        longest = min(workers.FIRST_PAUSE_SECONDS * 2 ** (failures - 1), workers.LONGEST_PAUSE_SECONDS)
        pauses = [workers.back_off(failures) for _ in range(50)]
        assert all(longest / 2 <= pause <= longest for pause in pauses)
        assert len(set(pauses)) > 40
