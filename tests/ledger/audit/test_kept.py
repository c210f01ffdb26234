"""An audit that was ended half-way goes on where it stood, and says just what one says that was not."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ledger.audit.entries
import ledger.audit.kept
from ledger.audit import AuditReport, Divergence, audit, store_evidence
from ledger.errors import StoreRefused
from tests.ledger.fsck.stores import Made, Maker

PART = 128
"""A few ranges of the store's entries, as sixteen thousand are of a park's year."""


class Ended(Exception):
    """The auditor ended it."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Maker(tmp_path_factory.mktemp("kept")).make()


@pytest.fixture
def made(sound: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """A copy of the store."""
    monkeypatch.setattr(ledger.audit.entries, "PART", PART)
    copy = tmp_path / "log.sqlite3"
    shutil.copyfile(sound.path, copy)
    return Made(copy, sound.trust)


def audited(made: Made, resume: Path | None = None, *, end_at: int | None = None) -> tuple[dict[str, Any], list[str]]:
    """The report without what time and file say, and each divergence."""
    found: list[Divergence] = []

    def progress(step: str, done: int, _every: int) -> None:
        if step == "log" and end_at is not None and done >= end_at * PART:
            raise Ended

    with store_evidence(made.url) as log:
        report: AuditReport = audit(
            log, made.trust, rows=log.store, resume=resume, found=found.append, progress=progress
        )
    said = report.as_dict()
    return {name: said[name] for name in said if name != "seconds"}, [str(one) for one in found]


def spoiled(made: Made) -> None:
    """An entry of the second range is another one; so is a row that no range has."""
    made.sql("UPDATE entries SET entry = replace(entry, 'A', 'B') WHERE idx = ?", PART + 7)
    made.sql("UPDATE log_state SET tree_size = tree_size - 1")


@pytest.mark.parametrize("alter", [lambda _made: None, spoiled], ids=["sound", "spoiled"])
@pytest.mark.parametrize("end_at", [1, 3])
def test_what_was_ended_half_way_ends_as_one_that_was_not(made: Made, tmp_path: Path, alter: Any, end_at: int) -> None:
    alter(made)
    whole, found = audited(made)
    resume = tmp_path / "audit.resume"
    with pytest.raises(Ended):
        audited(made, resume, end_at=end_at)
    again, found_again = audited(made, resume)
    # The range in whose progress it was ended had not been put by: it is kept before it is put together.
    assert again.pop("kept") == end_at
    assert whole.pop("kept") == 0
    assert (again, found_again) == (whole, found)
    assert bool(found) is (alter is spoiled)
    third, _ = audited(made, resume)
    assert third["kept"] == -(-int(whole["statements"]) // PART)


def test_an_audit_that_was_killed_goes_on_from_its_file(made: Made, tmp_path: Path) -> None:
    """As hard as a process can end: nothing is written at its end."""
    resume, trust = tmp_path / "audit.resume", tmp_path / "trust.json"
    trust.write_bytes(made.trust.format())
    program = f"""
import os, signal
from pathlib import Path
import ledger.audit.entries
import ledger.audit.kept
from ledger.audit import audit, store_evidence
from ledger.trust import parse
ledger.audit.entries.PART = {PART}
def progress(step, done, every):
    if done >= {2 * PART}:
        os.kill(os.getpid(), signal.SIGKILL)
with store_evidence({made.url!r}) as log:
    audit(log, parse(Path({str(trust)!r}).read_bytes()), resume=Path({str(resume)!r}), progress=progress)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=Path.cwd(), timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    whole, _ = audited(made)
    again, found = audited(made, resume)
    assert found == []
    assert again.pop("kept") == 2
    assert whole.pop("kept") == 0
    assert again == whole


def test_what_changed_since_is_judged_whatever_the_file_has_of_it(made: Made, tmp_path: Path) -> None:
    resume = tmp_path / "audit.resume"
    assert audited(made, resume)[1] == []
    spoiled(made)
    again, found = audited(made, resume)
    assert again["kept"] == 1, "the range before is as it was"
    assert found == audited(made)[1]
    assert any(one.startswith(f"log: entry {PART + 7}:") for one in found)


def test_a_result_that_cannot_be_read_is_none(made: Made, tmp_path: Path) -> None:
    resume = tmp_path / "audit.resume"
    audited(made, resume)
    with sqlite3.connect(resume) as connection:
        connection.execute("UPDATE ranges SET result = x'c1' WHERE first = ?", (PART,))
    connection.close()
    again, found = audited(made, resume)
    assert (again["kept"], found) == (1, [])


def test_what_another_program_judged_is_judged_again(made: Made, tmp_path: Path, monkeypatch: Any) -> None:
    resume = tmp_path / "audit.resume"
    audited(made, resume)
    monkeypatch.setattr(ledger.audit.kept, "_program", lambda: b"other rules")
    assert audited(made, resume)[0]["kept"] == 0


@pytest.mark.parametrize("content", [b"no database at all, " * 64, None], ids=["bytes", "another-database"])
def test_a_file_of_something_else_is_refused_and_stays(made: Made, tmp_path: Path, content: bytes | None) -> None:
    resume = tmp_path / "precious"
    if content is None:
        shutil.copyfile(made.path, resume)
    else:
        resume.write_bytes(content)
    before = resume.read_bytes()
    with pytest.raises(StoreRefused) as refused:
        audited(made, resume)
    assert (refused.value.rule, resume.read_bytes()) == ("audit.resume", before)
    assert refused.value.message_zh
    with pytest.raises(StoreRefused, match="unable to open"):
        audited(made, tmp_path / "absent" / "file")


def _flipped(result: bytes) -> bytes:
    return result[:-1] + bytes([result[-1] ^ 1])


@pytest.mark.parametrize("damage", ["a-bit", "cut", "of-another-range", "no-bytes"])
def test_a_result_that_was_damaged_is_judged_again(made: Made, tmp_path: Path, damage: str) -> None:
    """A disk or a copy may do that; nothing of it is taken for what was found."""
    file = tmp_path / "audit.resume"
    spoiled(made)
    expected = audited(made, file)
    with sqlite3.connect(file) as connection:
        connection.create_function("flipped", 1, _flipped)
        to = {
            "a-bit": "flipped(result)",
            "cut": "substr(result, 1, 40)",
            "of-another-range": "(SELECT result FROM ranges WHERE first = 0)",
            "no-bytes": "'all is well'",
        }[damage]
        assert connection.execute(f"UPDATE ranges SET result = {to} WHERE first > 0").rowcount
    connection.close()
    report, found = audited(made, file)
    assert found == expected[1]
    assert report["kept"] <= 1


def test_a_file_whose_table_is_another_one_is_refused(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "audit.resume"
    audited(made, file)
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE ranges RENAME COLUMN result TO answer")
    connection.close()
    with pytest.raises(StoreRefused) as refused:
        audited(made, file)
    assert refused.value.rule == "audit.resume"
