"""Nothing was left out: a stream's places are logged, lost or open; entries and events of a year have each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from attestation.keys import Algorithm, PrivateKey
from attestation.statements import Loss, Reading, build
from ledger.audit import store_evidence
from ledger.audit.completeness import Dossier, Kept, WholeStream, dossier_of, streams_of
from ledger.audit.evidence import EntryRow
from ledger.audit.findings import Divergence, Divergences
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.chain_models import OutboxRow
from ledger.db.emission_models import ChainEmissionsRow
from ledger.db.obligation_models import ChainSurrenderRow
from tests.api.test_accounts import YEAR, park  # noqa: F401 - a fixture that is used by name
from tests.ledger.fsck.stores import Maker

LOG = f"tanlu.test/log/{'00' * 32}"
METER, ENTERPRISE = "88.608.5288/A_METER_1", "88.608.5288/A"
KEY = PrivateKey(Algorithm.ED25519, bytes([5] * 32))


@dataclass
class Evidence:
    """As much of an archive's log as is read here."""

    held: list[bytes]

    def count(self) -> int:
        return len(self.held)

    def entries(self, first: int, last: int) -> Iterator[EntryRow]:
        for index, entry in enumerate(self.held[first : last + 1], first):
            yield EntryRow(index, 0, entry, {})


def reading(seq: int) -> bytes:
    body = Reading(start="2024-01-01T00:00:00Z", end="2024-01-01T00:15:00Z", quantity="1", unit="kWh")
    return build("reading", log=LOG, iss=METER, key=KEY, iat=1, stream="electricity", seq=seq, body=body)


def loss(seq: int, first: int, last: int) -> bytes:
    body = Loss(device=METER, stream="electricity", first_seq=first, last_seq=last, reason="burnt")
    return build("loss", log=LOG, iss=ENTERPRISE, key=KEY, iat=1, stream="losses", seq=seq, body=body)


def whole(*entries: bytes) -> tuple[dict[tuple[str, str], WholeStream], list[Divergence]]:
    found: list[Divergence] = []
    streams = streams_of(Evidence(list(entries)), Divergences(found.append))  # type: ignore[arg-type]  # what is read
    return {(one.issuer, one.stream): one for one in streams}, found


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 30), min_size=1), st.data())
def test_logged_lost_and_open_places_are_all_places_up_to_the_last(seqs: set[int], data: st.DataObject) -> None:
    highest = max(seqs)
    gaps = sorted(set(range(1, highest)) - seqs)
    lost = {gap for gap in gaps if data.draw(st.booleans(), label=f"lost {gap}")}
    order = data.draw(st.permutations(sorted(seqs)))
    entries = [reading(seq) for seq in order] + [loss(at, seq, seq) for at, seq in enumerate(sorted(lost), 1)]
    streams, found = whole(*entries)
    assert found == []
    stream = streams[METER, "electricity"]
    assert (stream.last_seq, stream.logged, stream.lost) == (highest, len(seqs), len(lost))
    assert {seq for first, last in stream.open_ranges for seq in range(first, last + 1)} == set(gaps) - lost
    assert stream.logged + stream.lost + stream.open == stream.last_seq


def test_a_loss_covers_no_place_that_was_logged_or_is_not_reached() -> None:
    streams, _ = whole(reading(1), reading(4), loss(1, 1, 9))
    stream = streams[METER, "electricity"]
    assert (stream.logged, stream.lost, stream.open) == (2, 2, 0)


def test_a_place_that_is_taken_twice_is_named() -> None:
    _, found = whole(reading(1), reading(2), reading(2))
    assert [(one.rule, one.place) for one in found] == [("sequence.place", "entry 2")]


# A year of which the contracts said much: 500 t of quota and 30 t of CCER surrendered, two versions of the figure.
def dossier(park: Any, *changes: Any) -> Dossier:  # noqa: F811 - the fixture's name
    """As of those changes, which are not kept."""
    with park.database.read() as session:
        for change in changes:
            session.execute(change)
        return dossier_of(session, (), park.enterprise_id, YEAR)


def asked(park: Any, surrender: ChainSurrenderRow, index: int) -> dict[str, object]:  # noqa: F811
    return {
        "op_id": surrender.op_id,
        "entry_index": index,
        "kind": Kind.SURRENDER.value,
        "accepted_at": park.now,
        "account": park.enterprise_id,
        "asset": surrender.asset,
        "tonnes": surrender.tonnes,
        "year": YEAR,
    }


def surrenders(park: Any) -> list[ChainSurrenderRow]:  # noqa: F811
    with park.database.read() as session:
        rows = session.query(ChainSurrenderRow).order_by(ChainSurrenderRow.block_number)
        return list(rows)


def test_what_is_on_chain_without_an_entry_is_left_out_and_said_so(park: Any) -> None:  # noqa: F811
    found = dossier(park)
    assert not found.whole
    assert [(one.what, one.tonnes, one.kept) for one in found.left_out] == [
        ("figure", 600, Kept.NO_ENTRY),
        ("figure", 500, Kept.NO_ENTRY),
        ("surrender", 500, Kept.NO_ENTRY),
        ("surrender", 30, Kept.NO_ENTRY),
    ]
    assert [one.index for one in found.lines if one.what == "report"] == [park.report]


def test_an_entry_and_its_event_have_each_other(park: Any) -> None:  # noqa: F811
    quota, ccer = surrenders(park)
    table = AssetOperationRow.__table__
    made = [table.insert().values(**asked(park, one, at)) for at, one in enumerate((quota, ccer))]
    found = [one for one in dossier(park, *made).lines if one.what == "surrender"]
    assert [(one.index, one.place, one.kept) for one in found] == [
        (0, (quota.block_number, quota.log_index), Kept.BOTH),
        (1, (ccer.block_number, ccer.log_index), Kept.BOTH),
    ]


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (State.PENDING, Kept.WAITS),
        (State.SENT, Kept.WAITS),
        (State.REFUSED, Kept.REFUSED),
        (State.MINED, Kept.NO_EVENT),
        (State.FINAL, Kept.NO_EVENT),
        (None, Kept.NO_EVENT),
    ],
)
def test_an_entry_without_event_waits_was_refused_or_is_left_out(park: Any, state: Any, kept: Kept) -> None:  # noqa: F811
    quota, _ = surrenders(park)
    row = {
        "op_id": quota.op_id, "kind": Kind.SURRENDER.value, "position": 0, "payload": "{}", "attempts": 1,
        "created_at": 1, "updated_at": 1, "state": str(state), "raw_tx": b"1", "block_hash": b"1" * 32,
    }  # fmt: skip
    changes = [
        AssetOperationRow.__table__.insert().values(**asked(park, quota, 0)),
        delete(ChainSurrenderRow),
        *([] if state is None else [OutboxRow.__table__.insert().values(**row)]),
    ]
    (found,) = [one for one in dossier(park, *changes).lines if one.what == "surrender"]
    assert (found.index, found.place, found.kept) == (0, None, kept)


def test_a_version_of_the_figure_that_is_missing_is_a_missing_number(park: Any) -> None:  # noqa: F811
    assert dossier(park).revisions_missing == ()
    row = ChainEmissionsRow
    changed = update(row).where(row.year == YEAR, row.revision == 2).values(revision=4)
    assert dossier(park, changed).revisions_missing == (2, 3)


def test_of_a_real_store_the_streams_are_those_of_its_tables(tmp_path: Path) -> None:
    made = Maker(tmp_path).make()
    with store_evidence(made.url) as log:
        streams = streams_of(log, Divergences(pytest.fail))
    told = {(one.issuer, one.stream): (one.last_seq, one.logged) for one in streams}
    rows = made.sql("SELECT issuer, name, last_seq, count FROM streams")
    assert told == {(issuer, name): (last, count) for issuer, name, last, count in rows}
    open_places = made.scalar("SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM gaps")
    lost_places = made.scalar("SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM losses")
    assert (sum(one.open for one in streams), sum(one.lost for one in streams)) == (open_places, lost_places)
    assert lost_places
