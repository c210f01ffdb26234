"""``tanlu export --server`` and ``tanlu tables``: an archive over HTTP, and what is in it for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.audit.of_archive import archive_evidence
from tanlu.client import Client

from ..mirror.logs import SIZE, Made, make
from .conftest import Json, Run
from .keys.conftest import cheap_passwords  # noqa: F401 - a fixture that is used by name

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("served"))


@pytest.fixture
def world(made: Made) -> object:
    return made.world


@pytest.fixture
def served(made: Made, tmp_path: Path) -> Iterator[Client]:
    with made.client(tmp_path / "evidence") as client:
        yield client


def test_a_mirror_and_its_tables(answer: Json, run: Run, served: Client, tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive.tar", tmp_path / "tables"
    found = answer("export", "--server", served.base_url, "-o", archive)
    assert (found["size"], found["block"]) == (SIZE, None)
    assert found["left_out"] == ["the chain: no --rpc names a node of one's own"]
    assert not (tmp_path / "archive.tar.mirror").exists()
    with archive_evidence(archive) as evidence:
        stored = evidence.archive.read("tables/statements.csv")
    made = answer("tables", archive, "-o", folder, "--format", "csv", "--format", "xlsx")
    assert made["files"] == sorted(
        ["README.md", "tables.xlsx", *(f"{name}.csv" for name in ("statements", "scores", "orders", "fills", "closes"))]
    )
    assert (folder / "statements.csv").read_bytes() == stored
    with (folder / "statements.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == SIZE
    assert "标识" not in (folder / "statements.csv").read_text("utf-8-sig").splitlines()[0]
    assert "签署者" in (folder / "README.md").read_text("utf-8")
    again = run("tables", archive, "-o", folder, "--lang", "zh")
    assert again.exit_code == 1
    assert "file.exists" in again.stderr


def test_again_over_the_archive_from_before(answer: Json, served: Client, tmp_path: Path) -> None:
    """The log must extend what is there; of the same head it is the same file."""
    archive = tmp_path / "archive.tar"
    options = ("export", "--server", served.base_url, "-o", archive, "--without-tables")
    answer(*options, "--until", "1100")
    first = archive.read_bytes()
    assert answer(*options)["size"] == SIZE
    assert archive.read_bytes() != first
    archive.write_bytes(b"a holiday")
    refused = answer(*options, code=1)
    assert refused["rule"] == "archive.form"
    assert archive.read_bytes() == b"a holiday"


def test_a_mirror_needs_a_key_and_a_trust_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in ("TANLU_AS", "TANLU_TRUST"):
        with monkeypatch.context() as without:
            without.delenv(missing)
            refused = run("export", "--server", "http://127.0.0.1:9", "-o", tmp_path / "a.tar", "--lang", "en")
        assert refused.exit_code == 1
        assert "export.mirror" in refused.stderr


def test_tables_of_what_is_no_archive_leave_nothing(answer: Json, tmp_path: Path) -> None:
    (tmp_path / "photo.tar").write_bytes(b"x" * 2_000)
    assert answer("tables", tmp_path / "photo.tar", "-o", tmp_path / "tables", code=1)["rule"] == "archive.form"
    assert sorted(path.name for path in tmp_path.iterdir() if "tables" in path.name) == []


def test_a_node_that_does_not_answer_is_said_before_anything_is_fetched(
    answer: Json, served: Client, tmp_path: Path
) -> None:
    archive = tmp_path / "archive.tar"
    refused = answer("export", "--server", served.base_url, "--rpc", "http://127.0.0.1:9", "-o", archive, code=3)
    assert refused["rule"] == "chain.unavailable"
    assert not (tmp_path / "archive.tar.mirror").exists()
