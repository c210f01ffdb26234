"""`tanlu rebuild`: what was changed, by table; refusals that scripts can act on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.db.base import Database
from tanlu.cli import main
from tanlu.cli.console import ExitCode
from tests.ledger.fsck.stores import Made, Maker


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home directory with a store and a trust file."""
    made = Maker(tmp_path).make()
    made.path.rename(tmp_path / "tanlu.sqlite3")
    (tmp_path / "trust.json").write_bytes(made.trust.format())
    (tmp_path / "config.env").write_text("TANLU_PROFILE=development\nTANLU_RPC_URL=http://127.0.0.1:9\n")
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["rebuild", "--home", str(home), "--workers", "0", *arguments])


def test_it_says_which_rows_were_others_and_makes_them_as_they_should_be(home: Path) -> None:
    made = Made(home / "tanlu.sqlite3", None)  # type: ignore[arg-type]  # only its SQL is used
    made.sql("UPDATE streams SET count = 3 WHERE name = 'electricity'")
    made.sql("DELETE FROM labels WHERE level = 1 AND entry_index = (SELECT min(entry_index) FROM labels)")
    done = run(home, "--without-chain", "--json")
    assert done.exit_code == ExitCode.DONE, done.output
    answer = json.loads(done.stdout)
    assert (answer["changed"], answer["events"]) == ({"labels": 1, "streams": 1}, None)
    assert {fault["table"] for fault in answer["all"]} == {"labels", "streams"}
    again = run(home, "--without-chain", "--lang", "zh")
    assert "相差 0 处" in again.stdout
    assert "未重建：链上数据的投影" in again.stdout


def test_a_store_in_use_and_a_node_that_is_away_are_told_apart(home: Path) -> None:
    done = run(home)
    assert done.exit_code == ExitCode.REFUSED
    assert "rebuild.chain" in done.stderr
    service = Database(f"sqlite:///{home / 'tanlu.sqlite3'}")
    with service.read() as session:
        session.connection().exec_driver_sql("SELECT 1 FROM log_state").all()
    done = run(home, "--without-chain")
    service.close()
    assert done.exit_code == ExitCode.UNAVAILABLE
    assert "rebuild.in_use" in done.stderr
    (home / "config.env").write_text("TANLU_FINALITY=soon\n")
    done = run(home, "--without-chain")
    assert done.exit_code == ExitCode.REFUSED
    assert "settings.finality" in done.stderr


def test_a_new_store_is_made_of_an_archive_only_where_nothing_is(home: Path) -> None:
    for arguments, rule in [
        (("--from", "archive.tar"), "rebuild.target"),
        (("--from", "archive.tar", "--database", "postgresql://x/y"), "rebuild.target"),
        (("--from", "archive.tar", "--database", "new.sqlite3", "--without-chain"), "rebuild.target"),
        (("--from", "archive.tar", "--database", str(home / "tanlu.sqlite3")), "rebuild.exists"),
        (("--from", str(home / "trust.json"), "--database", str(home / "new.sqlite3")), "archive."),
    ]:
        done = run(home, *arguments)
        assert done.exit_code == ExitCode.REFUSED, (arguments, done.output, done.stderr)
        assert rule in done.stderr
    assert not (home / "new.sqlite3").exists()
