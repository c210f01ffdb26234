"""Every single corruption of a real store is found, and the first bad row is named: table, key and column."""

from __future__ import annotations

import hashlib
import shutil
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from attestation.keys import Algorithm, PrivateKey
from ledger.errors import StoreRefused, StoreUnavailable
from ledger.fsck.check import check
from tests.ledger.engines import fresh_postgres

from .corruptions import CORRUPTIONS, READING, flip, set_
from .stores import READINGS, Made, Maker


def test_a_store_as_the_programs_made_it_has_no_faults(sound: Made) -> None:
    seen: list[tuple[int, int]] = []
    report = check(sound.url, sound.trust, found=pytest.fail, progress=lambda *at: seen.append(at))
    entries = sound.scalar("SELECT count(*) FROM entries")
    assert (report.faults, report.entries, report.size) == (0, entries, entries - 1)
    assert report.root == sound.scalar("SELECT hex(root) FROM checkpoints ORDER BY size DESC").lower()
    assert seen[-1] == (entries, entries)
    counted = {table: sound.scalar(f"SELECT count(*) FROM {table}") for table in report.rows if table != "database"}
    assert dict(report.rows) == counted
    assert set(report.rows) >= {
        *("entries", "streams", "tiles", "checkpoints", "identifiers", "keys", "policies", "reports"),
        *("losses", "device_events", "skips", "gaps"),
        *("outbox", "equivocations", "log_state"),
    }
    assert all(report.rows.values())


def test_checking_changes_no_byte_and_needs_no_right_to_write(sound: Made, tmp_path: Path) -> None:
    folder = tmp_path / "read-only"
    folder.mkdir()
    copy = folder / "log.sqlite3"
    shutil.copyfile(sound.path, copy)
    before = hashlib.sha256(copy.read_bytes()).digest()
    copy.chmod(0o400)
    folder.chmod(0o500)
    try:
        assert Made(copy, sound.trust).faults() == []
    finally:
        folder.chmod(0o700)
    assert hashlib.sha256(copy.read_bytes()).digest() == before


@pytest.mark.parametrize(
    ("spoil", "table", "key", "column"), [case[1:] for case in CORRUPTIONS], ids=[case[0] for case in CORRUPTIONS]
)
def test_a_single_corruption_is_named_first(
    made: Made, spoil: Callable[[Made], None], table: str, key: Any, column: str
) -> None:
    if key is None:
        key = made.scalar("SELECT lower(hex(op_id)) FROM outbox WHERE position = 2")
    spoil(made)
    faults = made.faults()
    assert faults, "nothing was found"
    if callable(key):
        key = key(made)
    assert (faults[0].table, faults[0].key, faults[0].column) == (table, str(key), column), [str(f) for f in faults[:5]]
    assert faults[0].found != faults[0].expected


def test_a_corruption_is_told_once_where_it_is_and_not_wherever_it_shows(made: Made) -> None:
    flip("entries", "entry", f"idx = {READING}", 60)(made)
    flip("tiles", "blob", "level = 0 AND idx = 1", 40)(made)
    set_("streams", "count", "1", "name = 'electricity'")(made)
    assert [(fault.table, fault.column) for fault in made.faults()] == [
        ("entries", "entry"),
        ("tiles", "blob"),
        ("streams", "count"),
    ]


def test_all_faults_are_listed_not_only_the_first(made: Made) -> None:
    made.sql("UPDATE entries SET statement_id = leaf_hash WHERE type = 'reading'")
    assert len(made.faults()) == READINGS - 3


def test_an_anchor_on_chain_with_another_root_is_named(made: Made) -> None:
    made.sql(
        "INSERT INTO chain_anchors (epoch, size, root, origin, tx_hash, block_number, block_hash)"
        " VALUES (0, 4, zeroblob(32), 'Anchored', zeroblob(32), 1, zeroblob(32)),"
        " (0, 99999, zeroblob(32), 'Anchored', zeroblob(32), 1, zeroblob(32))"
    )
    assert [(f.table, f.key, f.column) for f in made.faults()] == [
        ("chain_anchors", "0/4", "root"),
        ("chain_anchors", "0/99999", "size"),
    ]


def test_a_trust_file_with_another_witness_believes_no_cosigned_head(sound: Made) -> None:
    other = PrivateKey.generate(Algorithm.ED25519).public.raw
    (witness,) = sound.trust.witnesses
    trust = replace(sound.trust, witnesses=(replace(witness, material=other),))
    faults = Made(sound.path, trust).faults()
    assert [(f.table, f.column) for f in faults] == [("checkpoints", "note")] * 3
    assert "note.witnesses" in faults[0].found


def test_another_log_and_another_schema_are_refused(made: Made, tmp_path: Path) -> None:
    trust = Maker(tmp_path).trust
    other = replace(
        trust,
        log=trust.log.replace("tanlu.test", "other.test"),
        log_key=replace(trust.log_key, name=trust.log.replace("tanlu.test", "other.test")),
    )
    with pytest.raises(StoreRefused, match=r"fsck\.origin.*tanlu\.test.*other\.test"):
        Made(made.path, other).faults()
    made.sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreRefused, match=r"fsck\.schema.*0001"):
        made.faults()
    made.sql("DROP TABLE alembic_version")
    with pytest.raises(StoreRefused, match=r"fsck\.schema"):
        made.faults()


def test_what_is_no_store_is_said(sound: Made, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no such file"):
        Made(tmp_path / "nothing.sqlite3", sound.trust).faults()
    (tmp_path / "text").write_text("this is no database, however long it goes on " * 30)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Made(tmp_path / "text", sound.trust).faults()
    with pytest.raises(StoreRefused, match=r"fsck\.database.*mysql"):
        check("mysql://host/db", sound.trust, found=pytest.fail)


def test_damaged_pages_are_faults_and_the_rest_is_still_checked(made: Made) -> None:
    data = bytearray(made.path.read_bytes())
    page = int.from_bytes(data[16:18], "big")
    # A leaf of a table (its first byte): what zeros a page of overflow is a changed entry, which is told as such.
    entries = (place for place in range(0, len(data), page) if b"eyJ" in data[place : place + page])
    place = [place for place in entries if data[place] == 13][-1]
    data[place : place + page] = bytes(page)
    made.path.write_bytes(data)
    faults = made.faults()
    assert faults[0].table == "database"
    assert any(fault.column == "rows" or fault.table != "database" for fault in faults)


def test_memory_does_not_grow_with_the_entries(tmp_path: Path) -> None:
    peaks = []
    for more in (1_000, 6_000):
        folder = tmp_path / str(more)
        folder.mkdir()
        made = Maker(folder).make(more=more)
        tracemalloc.start()
        report = check(made.url, made.trust, found=pytest.fail)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert report.size > more
    assert peaks[1] < 1.5 * peaks[0]


@pytest.mark.postgres
def test_a_store_on_a_server_is_checked_like_one_in_a_file(postgres: str, tmp_path: Path) -> None:
    made = Maker(tmp_path).make(fresh_postgres(postgres))
    assert made.faults() == []
    engine = create_engine(made.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET leaf_hash = statement_id WHERE idx = 9")
        connection.exec_driver_sql("UPDATE keys SET purposes = 15 WHERE algorithm = 'ES256K'")
    engine.dispose()
    assert [(f.table, f.column) for f in made.faults()] == [("entries", "leaf_hash"), ("keys", "purposes")]
