"""Sequences of issuers: places taken, open and taken twice, periods in order, however readings come in (DOMAIN 43)."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.statements import Close
from ledger.audit.findings import Area, Divergence, Divergences
from ledger.audit.places import Places
from ledger.audit.ranges import Run

METER = ("88.608.5288/METER", "electricity")


def run(index: int, first: int, last: int, *, shift: int = 0) -> Run:
    return Run(METER, "kid", None, index, index + last - first, first, last, first * 10 + shift, last * 10 + shift,
               last * 10 + 10 + shift)  # fmt: skip


class Book:
    def __init__(self) -> None:
        self.found: list[Divergence] = []
        self.places = Places(Divergences(self.found.append))
        self.places.open(METER, 1)

    def rules(self) -> list[str]:
        assert all(one.area is Area.STREAM for one in self.found)
        return [one.rule for one in self.found]


@settings(max_examples=80)
@given(st.integers(1, 40), st.integers(0, 2**32))
def test_in_any_order_the_open_places_are_those_that_nothing_took(highest: int, seed: int) -> None:
    chance = random.Random(seed)
    seqs = [seq for seq in range(1, highest + 1) if chance.random() < 0.7] or [highest]
    chance.shuffle(seqs)
    book = Book()
    for index, seq in enumerate(seqs):
        book.places.take_run(run(index, seq, seq))
    stream = book.places.get(METER)
    assert stream is not None
    taken = {seq for first, last in stream.taken for seq in range(first, last + 1)}
    opened = {seq for first, last in stream.open_ranges() for seq in range(first, last + 1)}
    assert taken == set(seqs)
    assert opened == set(range(1, max(seqs) + 1)) - set(seqs)
    assert (stream.count, stream.last_seq) == (len(seqs), max(seqs))
    assert (stream.head_seq, stream.head_start) == (max(seqs), max(seqs) * 10)
    assert {seq for one in stream.spans for seq in range(one.first, one.last + 1)} == set(seqs)
    assert book.rules() == []


def test_a_place_taken_twice_is_told() -> None:
    book = Book()
    book.places.take_run(run(0, 1, 5))
    book.places.take_run(run(5, 4, 4))
    assert book.rules() == ["sequence.place"]


def test_a_period_that_begins_before_the_one_below_ends_is_told() -> None:
    book = Book()
    book.places.take_run(run(0, 1, 5))
    book.places.take_run(run(5, 6, 6, shift=-5))
    assert book.rules() == ["sequence.overlap_below"]


def test_a_late_period_that_ends_after_the_one_above_begins_is_told() -> None:
    book = Book()
    book.places.take_run(run(0, 3, 5))
    book.places.take_run(run(3, 2, 2, shift=5))
    assert book.rules() == ["sequence.overlap_above"]


def close(last_seq: int, count: int) -> Close:
    return Close(start="2026-01-01T00:00:00Z", end="2026-02-01T00:00:00Z", last_seq=last_seq, count=count)


def test_a_close_bounds_what_it_closed() -> None:
    book = Book()
    book.places.take_run(run(0, 1, 2))
    book.places.take_other(METER, 5, 2)
    book.places.take_close(METER, 5, 2, close(4, 3), (0, 100))
    book.places.take_run(run(3, 3, 4))
    book.places.finish()
    assert book.rules() == ["close.count"]


def test_a_reading_outside_of_what_was_closed_is_told() -> None:
    book = Book()
    book.places.take_run(run(0, 1, 2))
    book.places.take_other(METER, 3, 2)
    book.places.take_close(METER, 3, 2, close(2, 2), (15, 100))
    book.places.finish()
    assert book.rules() == ["sequence.closed_period"]


def test_a_reading_after_a_close_begins_where_it_ended() -> None:
    book = Book()
    book.places.take_run(run(0, 1, 2))
    book.places.take_other(METER, 3, 2)
    book.places.take_close(METER, 3, 2, close(2, 2), (0, 100))
    book.places.take_run(run(3, 4, 4))
    assert book.rules() == ["sequence.closed_until"]


def test_a_close_says_its_own_place_and_comes_last() -> None:
    book = Book()
    book.places.take_run(run(0, 1, 8))
    book.places.take_run(run(8, 10, 10))
    book.places.take_other(METER, 9, 9)
    book.places.take_close(METER, 9, 9, close(7, 8), (0, 100))
    assert book.rules() == ["close.last_seq", "close.not_last"]
