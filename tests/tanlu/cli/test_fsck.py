"""`tanlu fsck`: each fault a line, the first one first; JSON for programs; exit codes that scripts can act on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tanlu.cli import main
from tanlu.cli.console import ExitCode
from tests.ledger.fsck.stores import Made, Maker


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory with a store and a trust file."""
    folder = tmp_path_factory.mktemp("home")
    made = Maker(folder).make()
    made.path.rename(folder / "tanlu.sqlite3")
    (folder / "trust.json").write_bytes(made.trust.format())
    (folder / "config.env").write_text("TANLU_PROFILE=development\n")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fsck", *arguments])


def test_a_sound_store_ends_with_0_and_says_what_was_looked_at(home: Path) -> None:
    done = run("--home", str(home), "--json")
    assert done.exit_code == ExitCode.DONE, done.output
    answer = json.loads(done.stdout)
    assert (answer["sound"], answer["faults"], answer["first"], answer["all"]) == (True, 0, None, [])
    assert answer["rows"]["entries"] == answer["entries"] == answer["size"] + 1
    assert "entries" in done.stderr


def test_a_spoiled_store_ends_with_4_and_names_the_first_bad_row_first(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    copy.write_bytes((home / "tanlu.sqlite3").read_bytes())
    made = Made(copy, None)  # type: ignore[arg-type]  # only its SQL is used
    made.sql("UPDATE entries SET seq = 5000 WHERE idx = 9")
    made.sql("UPDATE streams SET count = 3 WHERE name = 'electricity'")
    given = ("--home", str(home), "--database", str(copy))
    done = run(*given)
    assert done.exit_code == ExitCode.INTEGRITY
    first, second, last = done.stdout.splitlines()
    assert first == "entries 9, seq: found 5000, expected 6"
    assert second.startswith("streams ")
    assert last.startswith("2 faults: ")
    answer = json.loads(run(*given, "--json").stdout)
    assert answer["first"] == {"table": "entries", "key": "9", "column": "seq", "found": "5000", "expected": "6"}
    assert [fault["table"] for fault in answer["all"]] == ["entries", "streams"]
    assert "2 处错误" in run(*given, "--lang", "zh").stdout


def test_what_cannot_be_checked_is_refused_or_unavailable(home: Path, tmp_path: Path) -> None:
    for arguments, code, rule in [
        (["--database", str(tmp_path / "none")], ExitCode.UNAVAILABLE, "store.unavailable"),
        (["--database", "mysql://host/db"], ExitCode.REFUSED, "fsck.database"),
        (["--trust", str(tmp_path / "none")], ExitCode.REFUSED, "fsck.trust"),
    ]:
        done = run("--home", str(home), *arguments, "--json")
        assert done.exit_code == code, done.output
        assert json.loads(done.stdout)["error"]["rule"] == rule
