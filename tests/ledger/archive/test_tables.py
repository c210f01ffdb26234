"""Tables follow from an archive's evidence: the same bytes each time, and whoever changes a row is named by it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.archive.tables import making
from ledger.archive.tables.views import VIEWS, views_of
from ledger.archive.writing import write_archive
from ledger.audit import Divergence, audit, store_evidence
from ledger.audit.chain import deployment_of
from ledger.audit.findings import Area
from ledger.audit.of_archive import archive_evidence
from tanlu.drill.rewriting import Edit, dropped, rewrite
from tests.ledger.fsck.stores import Made, Maker


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A store with something of everything that needs no chain."""
    return Maker(tmp_path_factory.mktemp("tables")).make()


@pytest.fixture(scope="module")
def archive(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its archive, without the chain's part."""
    return export(made, tmp_path_factory.mktemp("archive") / "archive.tar")


def export(made: Made, path: Path, *, tables: bool = True) -> Path:
    with store_evidence(made.url) as log:
        write_archive(
            path,
            log,
            None,
            deployment_of(made.trust),
            trust=made.trust.format(),
            origin=made.trust.log,
            tables=tables,
        )
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    return path


def audited(made: Made, path: Path) -> list[Divergence]:
    found: list[Divergence] = []
    with archive_evidence(path) as evidence:
        audit(evidence.log, made.trust, members=evidence.faults(), tables=evidence.archive, found=found.append)
    return found


def table(path: Path, name: str) -> list[dict[str, str]]:
    with archive_evidence(path) as evidence:
        text = evidence.archive.read(f"tables/{name}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def lines(name: str, change: Callable[[list[bytes]], object]) -> Edit:
    def edit(member: str, data: bytes) -> bytes:
        if member != f"tables/{name}":
            return data
        found = data.splitlines(keepends=True)
        change(found)
        return b"".join(found)

    return edit


def test_two_exports_are_the_same_file(made: Made, archive: Path, tmp_path: Path) -> None:
    again = export(made, tmp_path / "again.tar")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(archive.read_bytes()).digest()


def test_a_sound_archive_has_no_divergence_with_tables_or_without(made: Made, archive: Path, tmp_path: Path) -> None:
    assert audited(made, archive) == []
    bare = export(made, tmp_path / "bare.tar", tables=False)
    assert audited(made, bare) == []
    with archive_evidence(bare) as evidence:
        assert not [name for name in evidence.archive.names() if name.startswith("tables/")]


def test_every_entry_is_a_row_and_says_what_was_signed(made: Made, archive: Path) -> None:
    rows = table(archive, "statements")
    with archive_evidence(archive) as evidence:
        size = evidence.archive.about.size
        jsonl = [json.loads(line) for line in evidence.archive.raw_lines("tables/statements.jsonl")]
    assert [int(row["index"]) for row in rows] == list(range(size)) == [row["index"] for row in jsonl]
    with store_evidence(made.url) as log:
        for row in log.entries(0, size - 1):
            shown = rows[row.index]
            assert shown["statement_id"] == row.columns["statement_id"].hex()
            assert (shown["type"], int(shown["seq"])) == (row.columns["type"], row.columns["seq"])
            assert (shown["issuer"], shown["stream"]) == log.streams()[row.columns["stream_id"]]
    assert all(row["quantity"] and row["unit"] for row in rows if row["type"] == "reading")


def test_without_the_chain_there_is_what_entries_alone_give(archive: Path) -> None:
    with archive_evidence(archive) as evidence:
        there = {name for name in evidence.archive.names() if name.startswith("tables/")}
    named = {f"tables/{view.name}.{end}" for view in VIEWS if not view.chain for end in ("csv", "jsonl")}
    assert there == named | {"tables/README.md"}
    assert [view.name for view in views_of(chain=False)] == ["statements", "scores", "orders", "fills", "closes"]


@pytest.mark.parametrize(
    ("edit", "places"),
    [
        (lines("statements.csv", lambda found: found.__setitem__(9, found[9].replace(b",", b";", 1))), ["csv row 9"]),
        (lines("statements.csv", lambda found: found.pop(5)), ["csv row 5"]),
        (lines("statements.csv", lambda found: found.pop()), ["csv row "]),
        (lines("statements.jsonl", lambda found: found.insert(5, b"{}\n")), ["jsonl row 6"]),
        (lines("statements.jsonl", lambda found: found.append(b"{}\n")), ["jsonl row "]),
        (lines("statements.csv", lambda found: found.reverse()), ["csv head", "csv row 1"]),
        (
            lines("statements.jsonl", lambda found: found.__setitem__(slice(3, 5), found[4:2:-1])),
            ["jsonl row 4", "jsonl row 5"],
        ),
        (lines("README.md", lambda found: found.pop(3)), ["README.md row 4"]),
        (dropped("tables/orders.csv"), ["orders.csv"]),
    ],
    ids=["altered", "gone", "last gone", "added", "one too many", "reversed", "exchanged", "page", "member gone"],
)
def test_a_row_that_is_another_is_named(
    made: Made, archive: Path, tmp_path: Path, edit: Edit, places: list[str]
) -> None:
    copy = tmp_path / "copy.tar"
    shutil.copyfile(archive, copy)
    assert rewrite(copy, edit, manifest=True)
    found = audited(made, copy)
    assert found
    assert all((one.area, one.rule) == (Area.FILE, "audit.table") for one in found)
    for place, one in zip(places, found, strict=False):
        assert place in one.place
    if len(places) == 1:
        assert len(found) == 1


def test_of_many_rows_that_differ_the_first_are_named_and_the_others_counted(
    made: Made, archive: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.tar"
    shutil.copyfile(archive, copy)
    rewrite(copy, lines("statements.csv", lambda found: found.__delitem__(slice(11, None))), manifest=True)
    found = audited(made, copy)
    assert [one.place for one in found[:2]] == ["tables/statements.csv row 11", "tables/statements.csv row 12"]
    assert len(found) == 101
    rest = len(table(archive, "statements")) - 10 - 100
    assert (found[-1].place, found[-1].found) == ("tables/statements.csv", f"{rest} further rows that differ")


def test_a_table_of_a_name_that_there_is_not_is_named(made: Made, archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    shutil.copyfile(archive, copy)
    rewrite(copy, lambda _name, data: data, manifest=True)
    members = []
    with tarfile.open(copy) as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            members.append((member.name, file.read()))
    members.insert(-1, ("tables/bonus.csv", b"a\r\n"))
    with tarfile.open(copy, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    rewrite(copy, lambda _name, data: data, manifest=True)
    (found,) = audited(made, copy)
    assert (found.area, found.place, found.found) == (Area.FILE, "tables/bonus.csv", "a table")


def test_a_table_goes_on_in_a_further_file(
    made: Made, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a spreadsheet cannot open at once is several files, and all of them are held against the evidence."""
    whole = table(archive, "statements")
    monkeypatch.setattr(making, "ROWS", 250)
    monkeypatch.setattr("ledger.audit.tables.ROWS", 250)
    parts = export(made, tmp_path / "archive.tar")
    names = ["statements", *(f"statements-{part}" for part in range(2, len(whole) // 250 + 2))]
    assert [row for name in names for row in table(parts, name)] == whole
    assert audited(made, parts) == []
    assert rewrite(parts, lines("statements-2.csv", lambda found: found.pop(1)), manifest=True)
    (found,) = audited(made, parts)
    assert found.place == "tables/statements-2.csv row 1"
