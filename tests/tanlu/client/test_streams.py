"""Gaps, coverage and losses through the SDK: whole listings, counts that are checked, a loss that takes no place
where it would be refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attestation.errors import AttestationError
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Loss, Reading
from tanlu.client import Client, Credentials, Losses
from tanlu.errors import PromiseBroken, RefusedByService, ServiceUnavailable
from tanlu.signed import SignedStatements

from ..conftest import ENTERPRISE, METER, World
from .test_lying_service import Liar

STREAM = "electricity"
OTHER, OTHER_METER = "88.608.7000/B", "88.608.7000/B_METER_1"


@pytest.fixture
def holed(client: Client, world: World) -> Client:
    """The meter's stream holds 1, 5, 9 and 12: 2 to 4, 6 to 8, 10 and 11 are open."""
    for seq in (1, 5, 9, 12):
        client.submit(world.reading(seq))
    return client


@pytest.fixture
def works(holed: Client, world: World, tmp_path: Path) -> Iterator[Client]:
    """Signed in as the enterprise."""
    who = Credentials(ENTERPRISE, world.enterprise)
    with Client(holed.base_url, trust=world.trust, evidence=tmp_path / "evidence", credentials=who) as made:
        yield made


def loss(first: int, last: int, device: str = METER, stream: str = STREAM, reason: str = "meter replaced") -> Loss:
    return Loss(device=device, stream=stream, first_seq=first, last_seq=last, reason=reason)


def test_a_loss_is_declared_by_the_enterprise_and_by_the_meter_itself(works: Client, world: World) -> None:
    first = works.declare_loss(METER, STREAM, 2, 4, "meter replaced")
    with Client(works.base_url, trust=world.trust, credentials=Credentials(METER, world.meter)) as meter:
        second = meter.declare_loss(METER, STREAM, 7, 8, "memory full")
        assert [one.state for one in meter.gaps(METER)] == ["lost", "open", "lost", "open"]
    lost = list(works.gaps(ENTERPRISE, state="lost"))
    assert [(one.first_seq, one.last_seq, one.entry_index, one.reason) for one in lost] == [
        (2, 4, first.index, "meter replaced"),
        (7, 8, second.index, "memory full"),
    ]
    assert [(one.first_seq, one.last_seq) for one in works.gaps(ENTERPRISE, state="open")] == [(6, 6), (10, 11)]
    assert set(first.checked) == {"statement_id", "leaf_hash", "promise"}


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_gaps_come_whole_and_in_order_whatever_the_page(holed: Client, world: World, page: int) -> None:
    holed.submit(world.reading(3, stream="gas"))
    found = [(one.stream, one.first_seq, one.last_seq) for one in holed.gaps(ENTERPRISE, page=page)]
    assert found == [(STREAM, 2, 4), (STREAM, 6, 8), (STREAM, 10, 11), ("gas", 1, 2)]


@pytest.mark.parametrize("page", [1, 100])
def test_streams_of_an_enterprise_and_its_devices_are_covered(works: Client, world: World, page: int) -> None:
    works.declare_loss(METER, STREAM, 2, 4, "meter replaced")
    body = Reading(start="2020-01-01T00:00:00Z", end="2020-01-01T00:30:00Z", quantity="1", unit="kWh", meter=METER)
    entry = works.submit(world.sign("reading", ENTERPRISE, world.enterprise, "hand", 1, body))
    assert works.entry(entry.index).marks == ("manual",)
    covered = {one.stream: one.coverage for one in works.streams(ENTERPRISE, page=page)}
    assert set(covered) == {"hand", "losses", STREAM}
    assert covered[STREAM] is not None
    assert (covered[STREAM].backfilled, covered[STREAM].open, covered[STREAM].lost) == (4, 5, 3)
    assert covered["hand"] is not None
    assert covered["hand"].manual == 1
    assert works.stream(METER, STREAM).coverage == covered[STREAM]


def test_coverage_names_what_meets_its_range(works: Client) -> None:
    works.declare_loss(METER, STREAM, 3, 3, "meter replaced")
    found = works.coverage(METER, STREAM, 3, 6)
    assert (found.open, found.lost, found.backfilled) == (2, 1, 1)
    assert [(one.first_seq, one.last_seq, one.state) for one in found.ranges] == [
        (3, 3, "lost"), (4, 4, "open"), (6, 8, "open"),
    ]  # fmt: skip
    assert works.coverage(METER, STREAM).last_seq == 12
    for asked, rule in (((METER, STREAM, 3, 13), "coverage.range"), ((METER, "nothing"), "streams.unknown")):
        with pytest.raises(RefusedByService) as refused:
            works.coverage(*asked)
        assert (refused.value.status, refused.value.rule) == (404, rule)


def test_what_the_log_would_refuse_takes_no_place_and_says_the_same(
    works: Client, world: World, tmp_path: Path
) -> None:
    kept = SignedStatements(tmp_path / "works.key", world.trust.log)
    losses = Losses(works, Credentials(ENTERPRISE, world.enterprise), world.trust, kept=kept)
    losses.declare(loss(2, 3))
    with Client(works.base_url, trust=None, credentials=world.administration) as office:
        for identifier, kind, parent in ((OTHER, Kind.ENTERPRISE, None), (OTHER_METER, Kind.DEVICE, OTHER)):
            purpose = Purpose.DEVICE if kind is Kind.DEVICE else Purpose.STATEMENT
            key = PrivateKey.generate(Algorithm.ED25519)
            office.enrol(world.key(identifier, kind, key, purpose, parent))
    for body in (
        loss(1, 1), loss(4, 5), loss(12, 12), loss(13, 14), loss(3, 4), loss(2, 3), loss(4, 3), loss(6, 1_000_006),
        loss(4, 4, device=OTHER_METER), loss(4, 4, device=ENTERPRISE), loss(4, 4, device="88.608.9/NOBODY"),
        loss(4, 4, stream="nothing"), loss(4, 4, reason=""), loss(4, 4, reason="a\nb"), loss(4, 4, reason="x" * 501),
        loss(4, 4, device="no identifier"), loss(4, 4, stream="No Stream"),
    ):  # fmt: skip
        with pytest.raises(AttestationError) as here:
            losses.prepare(body)
        with pytest.raises(RefusedByService) as there:
            works.submit(world.sign("loss", ENTERPRISE, world.enterprise, "spare", 1, body))
        assert (there.value.rule, there.value.problem["value"]) == (here.value.rule, here.value.value)
    assert (kept.last_seq("losses"), works.stream(ENTERPRISE, "losses").last_seq) == (1, 1)
    assert works.stream(ENTERPRISE, "losses").missing == 0


def test_a_loss_whose_answer_was_lost_is_sent_again_as_it_was_signed(
    works: Client, world: World, tmp_path: Path
) -> None:
    kept = SignedStatements(tmp_path / "works.key", world.trust.log)
    who = Credentials(ENTERPRISE, world.enterprise)
    losses = Losses(works, who, world.trust, kept=kept)
    prepared = losses.prepare(loss(2, 4))
    away = Client("http://127.0.0.1:9", trust=world.trust, patience=0, timeout=1)
    with away, pytest.raises(ServiceUnavailable):
        Losses(away, who, world.trust, kept=kept).submit(prepared)
    assert kept.read("losses", 1) == prepared.entry
    again = losses.prepare(loss(2, 4))
    assert again == prepared
    assert losses.submit(again).repeated is False
    # It is in the log now: the same words anew are refused, and nothing is signed.
    with pytest.raises(AttestationError) as refused:
        losses.prepare(loss(2, 4))
    assert refused.value.rule == "loss.overlap"
    assert kept.last_seq("losses") == 1


def test_other_words_take_the_place_after_those_that_were_kept(works: Client, world: World, tmp_path: Path) -> None:
    kept = SignedStatements(tmp_path / "works.key", world.trust.log)
    losses = Losses(works, Credentials(ENTERPRISE, world.enterprise), world.trust, kept=kept)
    kept.sign("losses", 1, lambda _: losses.prepare(loss(2, 4)).entry)
    assert losses.prepare(loss(2, 3)).seq == 2


def test_nobody_declares_a_loss_without_a_key(client: Client, world: World) -> None:
    with Client(client.base_url, trust=world.trust) as nobody, pytest.raises(ValueError, match="credentials"):
        nobody.declare_loss(METER, STREAM, 2, 4, "meter replaced")


def test_gaps_of_others_are_refused(works: Client, world: World) -> None:
    with Client(works.base_url, trust=world.trust, credentials=Credentials(METER, world.meter)) as meter:
        for asked in (lambda: list(meter.gaps(ENTERPRISE)), lambda: list(meter.streams(ENTERPRISE))):
            with pytest.raises(RefusedByService) as refused:
                asked()
            assert refused.value.rule == "access.not_yours"


COUNTS = {"first_seq": 1, "last_seq": 9, "device": 4, "backfilled": 0, "manual": 0, "other": 1, "open": 3, "lost": 1}


@pytest.fixture
def liar() -> Iterator[Liar]:
    made = Liar()
    yield made
    made.stop()


@pytest.mark.parametrize(
    ("lie", "rule"),
    [
        ({"open": 2}, "answer.coverage"),
        ({"device": 5}, "answer.coverage"),
        ({"late": 5}, "answer.coverage"),
        ({"first_seq": 2, "device": 3}, "answer.range"),
        ({"last_seq": 8, "device": 3}, "answer.range"),
        ({"open": None}, "answer.format"),
    ],
)
def test_counts_that_do_not_add_up_are_a_lie_and_kept(
    liar: Liar, tmp_path: Path, lie: dict[str, Any], rule: str
) -> None:
    truth = {**COUNTS, "late": 3, "issuer": METER, "stream": STREAM, "ranges": []}
    with Client(liar.url, trust=None, evidence=tmp_path) as client:
        liar.script = lambda path, body: (200, json.dumps(truth).encode())
        assert client.coverage(METER, STREAM, 1, 9).open == 3
        liar.script = lambda path, body: (200, json.dumps(truth | lie).encode())
        with pytest.raises(PromiseBroken) as broken:
            client.coverage(METER, STREAM, 1, 9)
        assert broken.value.rule == rule
        assert rule == "answer.format" or len(list(tmp_path.glob(f"{rule}-*.json"))) == 1


def test_a_listing_that_leads_in_a_circle_is_a_lie(liar: Liar, tmp_path: Path) -> None:
    liar.script = lambda path, body: (200, b'{"gaps": [], "next": "A"}')
    with Client(liar.url, trust=None, evidence=tmp_path) as client, pytest.raises(PromiseBroken) as broken:
        list(client.gaps(METER))
    assert broken.value.rule == "answer.page"
