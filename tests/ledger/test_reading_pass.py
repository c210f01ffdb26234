"""One pass over a range: what it counts is what each signed payload says, however that is spelled."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.encoding import b64url_encode
from attestation.instants import format_instant
from ledger.errors import ReadingAltered
from ledger.merkle import leaf_hash
from ledger.reading_pass import Place, Row, _Pass

START, HOUR, CATCH_UP = 1_700_000_000, 3_600, 40 * 86_400
PLACE = Place(1, "88.608.5288/M", "energy")
SPELLINGS = ("canonical", "spaced", "reversed")


def entry(seq: int, quantity: str, /, *, hole: int = 0, spelling: str = "canonical", **changed: object) -> bytes:
    start = START + seq * HOUR + hole
    body = {"from": format_instant(start), "to": format_instant(START + (seq + 1) * HOUR)}
    body |= {"quantity": quantity, "unit": changed.pop("unit", "kWh")}
    payload: dict[str, object] = {"v": 1, "type": "reading", "log": "l", "iss": PLACE.issuer, "iat": START}
    payload |= {"stream": PLACE.stream, "seq": seq, "body": body} | changed
    if spelling == "reversed":
        payload = dict(reversed(payload.items()))
    separators = (", ", ": ") if spelling == "spaced" else (",", ":")
    return b"e30." + b64url_encode(json.dumps(payload, separators=separators).encode()).encode() + b".c2ln"


def row(seq: int, text: bytes, *, late: int = 0) -> Row:
    return seq, leaf_hash(text), START + (seq + 1) * HOUR + late, text


def read(rows: list[Row], size: int, last: int) -> _Pass:
    found = _Pass(PLACE, 1)
    for at in range(0, len(rows), size):
        found.take(rows[at : at + size])
    return found


@given(
    quantities=st.lists(st.integers(0, 10**6).map(lambda n: f"{n // 100}.{n % 100:02d}"), min_size=1, max_size=40),
    size=st.integers(1, 12),
    data=st.data(),
)
def test_domain_43_every_spelling_in_chunks_of_any_size_counts_the_same(
    quantities: list[str], size: int, data: st.DataObject
) -> None:
    count = len(quantities)
    late = data.draw(st.sets(st.integers(1, count)))
    holes = data.draw(st.dictionaries(st.integers(2, count + 1), st.integers(1, HOUR - 1), max_size=4))
    spelled = data.draw(st.lists(st.sampled_from(SPELLINGS), min_size=count, max_size=count))
    rows = [
        row(
            seq,
            entry(seq, quantity, hole=holes.get(seq, 0), spelling=spelled[seq - 1]),
            late=CATCH_UP + 1 if seq in late else CATCH_UP,
        )
        for seq, quantity in enumerate(quantities, start=1)
    ]
    found = read(rows, size, count).result(count)
    values = [Decimal(quantity) for quantity in quantities]
    assert (found.readings.count, found.readings.total) == (count, sum(values))
    assert (found.late_count, found.late_total) == (len(late), sum(values[seq - 1] for seq in late))
    inside = {seq: hole for seq, hole in holes.items() if seq <= count}
    assert (found.gap_count, found.gap_seconds) == (len(inside), sum(inside.values()))
    assert found.seconds == count * HOUR - sum(inside.values())
    assert [one.last_seq for one in found.gaps] == sorted(inside)
    assert [one.quantity for one in found.largest] == sorted(values, reverse=True)[:20]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"seq": 9}, "coverage.misplaced"),
        ({"stream": "other"}, "coverage.misplaced"),
        ({"iss": "88.608.5288/N"}, "coverage.misplaced"),
        ({"type": "close"}, "coverage.misplaced"),
        ({"unit": "MWh"}, "coverage.misplaced"),
        ({"body": {"from": "x"}}, "coverage.misplaced"),
    ],
)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_bytes_of_another_place_are_named(changed: dict[str, object], rule: str, spelling: str) -> None:
    rows = [row(seq, entry(seq, "1")) for seq in (1, 2)] + [row(3, entry(3, "1", spelling=spelling, **changed))]
    with pytest.raises(ReadingAltered) as caught:
        read(rows, 2, 3)
    assert (caught.value.rule, "seq 3" in caught.value.value) == (rule, True)


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_reading_that_is_gone_is_named(gone: int) -> None:
    rows = [row(seq, entry(seq, "1")) for seq in (1, 2, 3) if seq != gone]
    with pytest.raises(ReadingAltered) as caught:
        read(rows, 2, 3).result(3)
    assert (caught.value.rule, caught.value.value) == ("coverage.missing", f"{PLACE.issuer} energy seq {gone}")


@pytest.mark.parametrize("flipped", range(0, 300, 37))
def test_one_flipped_bit_of_a_reading_is_named(flipped: int) -> None:
    good = entry(2, "1.50")
    spoiled = bytearray(good)
    spoiled[flipped % len(good)] ^= 1
    rows = [row(1, entry(1, "1")), (2, leaf_hash(good), START + HOUR, bytes(spoiled))]
    with pytest.raises(ReadingAltered, match="seq 2") as caught:
        read(rows, 10, 2)
    assert caught.value.rule == "coverage.altered"
