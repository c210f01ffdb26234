"""`tanlu backup` beside the bulk route at work, on the whole schema; the copy is a store of its own."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from api.app import create_app
from api.deps import Limits
from ledger.db.base import Database
from ledger.db.log_models import Entry
from ledger.db.migrate import current_revision, head_revision
from ledger.view import LogView
from tanlu.cli import main
from tanlu.cli.console import ExitCode

LINES = 600
DEADLINE = 60.0


def _entries(database: Database) -> list[bytes]:
    with database.read() as session:
        return list(session.scalars(select(Entry.entry).order_by(Entry.index)))


async def test_a_copy_during_a_bulk_request_opens_and_holds_what_was_acknowledged(
    park: Any, connect: Any, tmp_path: Path
) -> None:
    home, copy = tmp_path, tmp_path / "copy.sqlite3"
    acknowledged, result, begun = [], [], threading.Event()

    def back_up() -> None:
        assert begun.wait(DEADLINE)
        acknowledged.append(park.view.size())
        environ = {"TANLU_DATABASE_URL": "sqlite:///log.sqlite3", "TANLU_HOME": str(home)}
        result.append(CliRunner().invoke(main, ["backup", str(copy), "--json"], env=environ))

    thread = threading.Thread(target=back_up)
    thread.start()

    async def body() -> Any:
        for seq in range(1, LINES + 1):
            yield b'"' + park.reading(seq) + b'"\n'
            if seq == LINES // 3:
                begun.set()

    async with connect(create_app(park.service(Limits(chunk_lines=20)))) as http:
        answer = await http.post(
            "/v1/statements/bulk", content=body(), headers={"content-type": "application/x-ndjson"}
        )
    thread.join(DEADLINE)
    assert json.loads(answer.text.splitlines()[-1])["summary"]["accepted"] == LINES
    assert result[0].exit_code == 0, result[0].output
    said = json.loads(result[0].stdout)
    assert acknowledged[0] <= said["accepted"] <= LINES + 3
    assert CliRunner().invoke(main, ["backup", "check", str(copy)]).exit_code == 0

    restored = Database(f"sqlite:///{copy}")
    try:
        assert current_revision(restored) == head_revision(restored)
        entries = _entries(restored)
        assert len(entries) == said["accepted"] == LogView(restored, park.parameters).size()
        assert entries == _entries(park.database)[: len(entries)]
    finally:
        restored.close()


def test_a_copy_never_overwrites_and_says_so(park: Any, tmp_path: Path) -> None:
    environ = {"TANLU_DATABASE_URL": f"sqlite:///{tmp_path}/log.sqlite3", "TANLU_HOME": str(tmp_path)}
    (tmp_path / "copy").write_text("mine")
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "copy"), "--json"], env=environ)
    assert result.exit_code == ExitCode.REFUSED
    assert json.loads(result.stdout)["error"]["rule"] == "backup.exists"
    assert (tmp_path / "copy").read_text() == "mine"


@pytest.mark.parametrize("url", ["postgresql+psycopg://tanlu:hunter2@127.0.0.1/log"])
def test_postgresql_has_its_own_means(tmp_path: Path, url: str) -> None:
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "copy"), "--json"], env={"TANLU_DATABASE_URL": url})
    assert result.exit_code == ExitCode.REFUSED
    error = json.loads(result.stdout)["error"]
    assert error["rule"] == "backup.engine"
    assert "pg_dump" in error["expected"]
    assert "hunter2" not in result.output
