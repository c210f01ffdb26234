"""What is handed over beside the round: in its order, all of it or, after an error, nothing more; errors come back."""

from __future__ import annotations

import threading

import pytest

from ledger.chain.courier import Courier
from ledger.chain.errors import ChainUnavailable, RequestRefused
from ledger.chain.signing import SignedTransaction


def parcel(number: int) -> tuple[list[int], SignedTransaction]:
    return [number], SignedTransaction(bytes([number]), bytes(32), number, 1)


class Road:
    """Notes what arrives, and fails at one of them."""

    def __init__(self, *, fails_at: int | None = None, error: BaseException | None = None) -> None:
        self.arrived: list[int] = []
        self.threads: set[int] = set()
        self._fails_at, self._error = fails_at, error

    def send(self, raw: bytes) -> None:
        self.threads.add(threading.get_ident())
        if raw[0] == self._fails_at and self._error is not None:
            raise self._error
        self.arrived.append(raw[0])


def silent() -> ChainUnavailable:
    return ChainUnavailable("no answer", rule="chain.unavailable")


def test_at_the_end_everything_arrived_in_its_order_by_another_thread() -> None:
    road = Road()
    with Courier(road.send) as courier:
        for number in range(1, 9):
            courier.take(parcel(number))
    assert road.arrived == list(range(1, 9))
    assert len(road.threads) == 1
    assert threading.get_ident() not in road.threads
    assert not any(thread.name == "courier" for thread in threading.enumerate())


def test_without_anything_to_hand_over_there_is_no_thread() -> None:
    with Courier(Road().send):
        assert not any(thread.name == "courier" for thread in threading.enumerate())


def test_what_the_node_refuses_is_told_and_the_next_go_on() -> None:
    """As a nonce that another transaction took: those after it are good."""
    error = RequestRefused("eth_sendRawTransaction", -32000, "replacement transaction underpriced", b"")
    road = Road(fails_at=2, error=error)
    with Courier(road.send) as courier:
        for number in (1, 2, 3):
            courier.take(parcel(number))
    assert road.arrived == [1, 3]
    assert courier.refused == [(parcel(2), error)]


@pytest.mark.parametrize(
    "error", [silent(), KeyboardInterrupt(), ValueError("a fault")], ids=lambda e: type(e).__name__
)
def test_after_any_other_error_nothing_more_is_sent_and_it_is_raised(error: BaseException) -> None:
    road = Road(fails_at=2, error=error)

    def hand_over() -> None:
        with Courier(road.send) as courier:
            for number in (1, 2, 3, 4):
                courier.take(parcel(number))

    with pytest.raises(type(error)):
        hand_over()
    assert road.arrived == [1]


def test_an_error_is_seen_in_the_middle_of_a_round() -> None:
    def send(_raw: bytes) -> None:
        raise silent()

    def look_until_it_is_seen() -> None:
        with Courier(send) as courier:
            courier.take(parcel(1))
            for _ in range(1_000):
                courier.check()
                threading.Event().wait(0.005)
            raise AssertionError("not seen in five seconds")

    with pytest.raises(ChainUnavailable):
        look_until_it_is_seen()


def test_a_round_that_fails_leaves_what_did_not_leave_yet() -> None:
    """It is stored, and the next round finds it; this process may have lost its claim to send."""
    begun, go_on = threading.Event(), threading.Event()
    arrived: list[int] = []

    def send(raw: bytes) -> None:
        begun.set()
        assert go_on.wait(timeout=5)
        arrived.append(raw[0])

    class Failed(Exception):
        pass

    def fail(courier: Courier) -> None:
        for number in (1, 2, 3):
            courier.take(parcel(number))
        assert begun.wait(timeout=5)
        threading.Timer(0.05, go_on.set).start()
        raise Failed

    with pytest.raises(Failed), Courier(send) as courier:
        fail(courier)
    assert arrived == [1]
