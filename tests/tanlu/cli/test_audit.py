"""`tanlu audit`: what was checked, each divergence a line, promises that somebody holds, years that were asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger import promises
from ledger.merkle import leaf_hash
from tanlu.cli import main
from tanlu.cli.console import ExitCode
from tests.ledger.fsck.stores import ENTERPRISE, NOW, ORIGIN, Made, Maker


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    """Who made the store in the home beside it."""
    folder = tmp_path_factory.mktemp("home")
    maker = Maker(folder)
    made = maker.make()
    (folder / "trust.json").write_bytes(made.trust.format())
    (folder / "config.env").write_text("TANLU_PROFILE=development\n")
    return maker


def run(maker: Maker, *arguments: object) -> Result:
    given = ["audit", "--home", maker.path.parent, "--database", maker.path, "--without-chain", "--workers", 0]
    return CliRunner().invoke(main, [str(argument) for argument in (*given, *arguments)])


def promised(maker: Maker, first: int, count: int, *, entries: list[bytes] | None = None, due: int = NOW + 60) -> str:
    rows = Made(maker.path, maker.trust).sql(
        "SELECT entry FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?", first, count
    )
    leaves = [leaf_hash(entry) for entry in entries or [entry for (entry,) in rows]]
    return promises.sign(promises.make(ORIGIN, first, leaves, NOW, due), maker.log_key)


def test_promises_of_answers_and_journals_are_held_against_the_tree(maker: Maker, tmp_path: Path) -> None:
    """Due by the checkpoints of the store's witness, whatever the clock says."""
    due = 2**40
    journal, answer, plain = (tmp_path / name for name in ("import.journal", "answer.json", "promise.jws"))
    one, two = promised(maker, 4, 3, due=due), promised(maker, 7, 1, due=due)
    journal.write_text("\n".join(json.dumps(line) for line in ({"rows": 4}, {"promise": one}, {"promise": two})))
    answer.write_text(json.dumps({"accepted": {"index": 7, "promise": two}}, indent=2))
    plain.write_text(promised(maker, 0, 1, due=due) + "\n")
    done = run(maker, "--json", *(part for path in (journal, answer, plain) for part in ("--promise", path)))
    assert done.exit_code == ExitCode.DONE, done.output
    found = json.loads(done.stdout)
    assert (found["sound"], found["promises"]) == (True, 4)
    assert found["judged"] > 0


def test_a_promise_that_was_not_kept_is_a_divergence_that_names_its_file(maker: Maker, tmp_path: Path) -> None:
    held = tmp_path / "held.jws"
    held.write_text(promised(maker, 4, 2, entries=[b"one", b"other"]))
    done = run(maker, "--json", "--promise", held)
    assert done.exit_code == ExitCode.INTEGRITY, done.output
    (found,) = json.loads(done.stdout)["all"]
    assert (found["area"], found["rule"]) == ("promise", "promise.entries")
    assert found["place"] == "held.jws, entries 4 to 5"
    assert run(maker, "--promise", held).stdout.startswith("promise: held.jws, entries 4 to 5: promise.entries")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (None, "audit.promise"),
        (b"", "audit.promise"),
        (b'{"rows": 3}\n', "audit.promise"),
        (b"\xff\xfe", "audit.promise"),
        (b"not.a.promise", "promise.format"),
    ],
    ids=["absent", "empty", "no-promise", "no-text", "no-jws"],
)
def test_a_file_without_a_promise_of_the_log_is_refused_before_anything_is_audited(
    maker: Maker, tmp_path: Path, content: bytes | None, rule: str
) -> None:
    held = tmp_path / "held"
    if content is not None:
        held.write_bytes(content)
    done = run(maker, "--json", "--promise", held)
    assert done.exit_code == ExitCode.REFUSED, done.output
    error = json.loads(done.stdout)["error"]
    assert error["rule"] == rule
    assert error["message_zh"]


def test_a_promise_by_another_key_says_nothing_against_the_log(maker: Maker, tmp_path: Path) -> None:
    held = tmp_path / "held.jws"
    held.write_text(promises.sign(promises.make(ORIGIN, 0, [bytes(32)], NOW, NOW), maker.meter))
    done = run(maker, "--json", "--promise", held)
    assert json.loads(done.stdout)["error"]["rule"] == "promise.signature"


def test_a_year_is_told_by_entries_and_chain_together(maker: Maker) -> None:
    done = run(maker, "--json", "--complete", ENTERPRISE, 2024)
    assert done.exit_code == ExitCode.REFUSED
    assert json.loads(done.stdout)["error"]["rule"] == "audit.complete"
    assert run(maker, "--complete", ENTERPRISE, "soon").exit_code == ExitCode.USAGE


def test_what_was_found_of_entries_is_kept_for_the_next_audit(maker: Maker, tmp_path: Path) -> None:
    first, second = (json.loads(run(maker, "--json", "--resume", tmp_path / "kept").stdout) for _ in range(2))
    assert (first.pop("kept"), second.pop("kept")) == (0, 1)
    assert first.pop("seconds").keys() == second.pop("seconds").keys()
    assert first == second
    assert first["sound"]


def test_a_file_of_something_else_is_no_file_to_go_on_from(maker: Maker, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear auditor" * 100)
    done = run(maker, "--json", "--resume", tmp_path / "letter")
    assert done.exit_code == ExitCode.REFUSED
    error = json.loads(done.stdout)["error"]
    assert (error["rule"], "letter" in error["value"]) == ("audit.resume", True)
    assert "审计进度文件" in error["message_zh"]
