"""A loss says which readings will not come: only of what is open, and once (DOMAIN 43)."""

from __future__ import annotations

import pytest

from attestation.keys import Kind, PrivateKey, Purpose
from attestation.statements import LOSS_LIMIT, Loss, RevokeKey


@pytest.fixture
def gapped(park):
    """The meter's stream holds 1, 5 and 9: 2 to 4 and 6 to 8 are open."""
    for seq in (1, 5, 9):
        park.log.accept(park.reading(seq))
    return park


def test_the_parent_and_the_meter_itself_declare_open_seqs_lost(world, gapped) -> None:
    gapped.log.accept(gapped.loss(2, 4))
    assert gapped.log.accept(gapped.loss(6, 7, iss=world.METER)).duplicate_of is None
    assert gapped.log.open_seqs(world.METER, world.STREAM) == {8}


def test_a_loss_may_stand_in_the_very_stream(world, gapped) -> None:
    gapped.log.accept(gapped.loss(2, 4, iss=world.METER, stream=world.STREAM))
    assert gapped.log.entry(world.METER, world.STREAM, 10).index == 6
    with world.refused("loss.not_open", 11, "7"):
        gapped.log.accept(gapped.loss(6, 8, iss=world.METER, stream=world.STREAM, seq=7))
    gapped.log.accept(gapped.loss(7, 8, iss=world.METER, stream=world.STREAM, seq=6))
    assert gapped.log.open_seqs(world.METER, world.STREAM) == set()


@pytest.mark.parametrize(
    ("first", "last", "bad"), [(1, 1, "1"), (1, 4, "1"), (2, 5, "5"), (4, 6, "5"), (8, 9, "9"), (9, 9, "9")]
)
def test_what_is_logged_cannot_be_lost(world, gapped, first: int, last: int, bad: str) -> None:
    with world.refused("loss.not_open", 11, bad):
        gapped.log.accept(gapped.loss(first, last))


@pytest.mark.parametrize(("first", "bad"), [(10, "10"), (8, "9"), (12, "12")])
def test_what_lies_above_the_highest_cannot_be_lost(world, gapped, first: int, bad: str) -> None:
    with world.refused("loss.not_open", 11, bad) as caught:
        gapped.log.accept(gapped.loss(first, 12))
    assert "below 9" in caught.value.expected


def test_an_unknown_stream_has_nothing_to_lose(world, gapped) -> None:
    with world.refused("loss.not_open", 11, "1"):
        gapped.log.accept(gapped.loss(1, 1, of="heat"))


@pytest.mark.parametrize(("first", "last", "bad"), [(2, 4, "3"), (3, 3, "3"), (2, 3, "3"), (3, 4, "3")])
def test_nothing_is_lost_twice(world, gapped, first: int, last: int, bad: str) -> None:
    gapped.log.accept(gapped.loss(3, 3))
    with world.refused("loss.overlap", 11, bad) as caught:
        gapped.log.accept(gapped.loss(first, last, iss=world.METER))
    assert "entry 6" in caught.value.expected


def test_the_same_loss_again_is_its_first_acceptance(gapped) -> None:
    entry = gapped.loss(2, 4)
    gapped.log.accept(entry)
    assert gapped.log.accept(entry).duplicate_of.index == 6
    assert gapped.log.next_index == 7


def test_no_reading_and_no_statement_enters_at_a_lost_seq(world, gapped) -> None:
    gapped.log.accept(gapped.loss(2, 4))
    with world.refused("sequence.lost", 11, "3") as caught:
        gapped.log.accept(gapped.reading(3))
    assert "entry 6" in caught.value.expected
    with world.refused("sequence.lost", 11, "4"):
        gapped.log.accept(gapped.loss(6, 6, iss=world.METER, stream=world.STREAM, seq=4))
    gapped.log.accept(gapped.reading(6))


def test_a_meter_ends_its_key_at_another_place_than_a_lost_one(world, gapped) -> None:
    """The one family besides readings that a device signs into its streams."""
    gapped.log.accept(gapped.loss(2, 4))
    body = RevokeKey(thumbprint=gapped.keys[world.METER].public.kid_name, identifier=world.METER)
    with world.refused("sequence.lost", 11, "3") as caught:
        gapped.log.accept(gapped.sign("key", body, iss=world.METER, seq=3))
    assert "entry 6" in caught.value.expected
    gapped.log.accept(gapped.sign("key", body, iss=world.METER, seq=6))


def test_what_a_close_leaves_below_itself_is_open_until_it_is_lost_or_filled(world, gapped) -> None:
    gapped.log.accept(gapped.close(14, count=10, end=13))
    assert gapped.log.open_seqs(world.METER, world.STREAM) == {2, 3, 4, 6, 7, 8, 10, 11, 12, 13}
    gapped.log.accept(gapped.loss(11, 13))
    gapped.log.accept(gapped.reading(10))
    with world.refused("sequence.lost", 11, "12"):
        gapped.log.accept(gapped.reading(12))
    assert gapped.log.open_seqs(world.METER, world.STREAM) == {2, 3, 4, 6, 7, 8}


@pytest.mark.parametrize(("first", "last"), [(3, 2), (4, 2), (2**53 - 1, 1)])
def test_an_empty_or_inverted_range_is_refused(world, gapped, first: int, last: int) -> None:
    with world.refused("loss.range", 9, f"{first} to {last}"):
        gapped.log.accept(gapped.loss(first, last))


@pytest.mark.parametrize(("first", "last", "bad"), [(0, 1, "0"), (-1, 1, "-1"), (1, 2**53, "9007199254740992")])
def test_seqs_out_of_bounds_are_refused(world, gapped, first: int, last: int, bad: str) -> None:
    body = {"device": world.METER, "stream": world.STREAM, "first_seq": first, "last_seq": last, "reason": "x"}
    entry = world.forge(
        world.header_of(world.WORKS, gapped.keys[world.WORKS], "loss"),
        world.payload_of(world.WORKS, type="loss", body=body),
        gapped.keys[world.WORKS],
    )
    refusal = world.refusal_of(gapped.log.accept, entry)
    assert refusal is not None
    assert bad in refusal.value
    assert (refusal.step, refusal.rule) in {(9, "body.integer"), (2, "json.integer")}


def test_one_loss_is_of_at_most_a_million_seqs(world, park) -> None:
    park.log.accept(park.reading(LOSS_LIMIT + 2, start=world.quarter(0), end=world.quarter(1)))
    with world.refused("loss.size", 9, str(LOSS_LIMIT + 1)):
        park.log.accept(park.loss(1, LOSS_LIMIT + 1))
    park.log.accept(park.loss(2, LOSS_LIMIT + 1))
    assert park.log.open_range(world.METER, world.STREAM, 1) == (1, 1)


@pytest.mark.parametrize(("reason", "shown"), [("", '""'), (" x", " x"), ("x" * 501, "xxx"), ("a\nb", "a")])
def test_a_reason_is_given(world, gapped, reason: str, shown: str) -> None:
    with world.refused("body.reason", 9, shown):
        gapped.log.accept(gapped.loss(2, 4, reason=reason))


@pytest.mark.parametrize(
    ("member", "value", "rule"),
    [
        ("device", "meter", "identifier.form"),
        ("stream", "Energy", "envelope.stream"),
        ("stream", "", "envelope.stream"),
    ],
)
def test_device_and_stream_are_names(world, gapped, member: str, value: str, rule: str) -> None:
    body = {"device": world.METER, "stream": world.STREAM, "first_seq": 2, "last_seq": 4, "reason": "x"} | {
        member: value
    }
    with world.refused(rule, 9):
        gapped.log.accept(gapped.sign("loss", Loss(**body), iss=world.WORKS, stream="losses"))


def test_another_s_device_cannot_be_given_up(world, gapped) -> None:
    other, meter = "88.608.5289/other", "88.608.5289/meter"
    gapped.enrol(other, Kind.ENTERPRISE, Purpose.STATEMENT, parent=world.PARK)
    gapped.enrol(meter, Kind.DEVICE, Purpose.DEVICE, parent=other)
    for iss in (other, meter, world.PARK):
        with world.refused("loss.device", 11, world.METER):
            gapped.log.accept(gapped.loss(2, 4, iss=iss))
    for device in (meter, world.WORKS, "88.608.1/nobody"):
        with world.refused("loss.device", 11, device):
            gapped.log.accept(gapped.loss(2, 4, device=device))


def test_the_park_gives_up_what_its_own_meters_miss(world, gapped) -> None:
    meter = "88.608.100/meter"
    gapped.enrol(meter, Kind.DEVICE, Purpose.DEVICE, parent=world.PARK)
    gapped.log.accept(gapped.reading(3, iss=meter))
    gapped.log.accept(gapped.loss(1, 2, device=meter, iss=world.PARK))
    assert gapped.log.open_seqs(meter, world.STREAM) == set()


def test_a_key_for_something_else_declares_nothing(world, gapped) -> None:
    for purposes in (Purpose.ASSET, Purpose.ADMINISTRATION):
        name = f"88.608.5290/{purposes.names()[0]}"
        gapped.enrol(name, Kind.ENTERPRISE, purposes, parent=world.PARK)
        with world.refused("purpose.key", 8, purposes.names()[0]):
            gapped.log.accept(gapped.loss(2, 4, iss=name))
    gapped.enrol("88.608.9/v", Kind.VERIFIER, Purpose.STATEMENT)
    gapped.enrol("88.608.5288/p", Kind.PERSON, Purpose.STATEMENT, parent=world.WORKS)
    for name, kind in (("88.608.9/v", "verifier"), ("88.608.5288/p", "person")):
        with world.refused("purpose.kind", 8, kind):
            gapped.log.accept(gapped.loss(2, 4, iss=name))


def test_a_revoked_key_declares_nothing(world, gapped) -> None:
    key: PrivateKey = gapped.keys[world.WORKS]
    gapped.accept_key(RevokeKey(thumbprint=key.public.kid_name, identifier=world.WORKS))
    with world.refused("key.revoked", 7):
        gapped.log.accept(gapped.loss(2, 4))
    gapped.log.accept(gapped.loss(2, 4, iss=world.METER))


def test_a_loss_from_the_future_is_refused(world, gapped) -> None:
    with world.refused("time.iat_future", 10):
        gapped.log.accept(gapped.loss(2, 4, iat=gapped.log.now + 301))
