"""Worker processes judge as this one does, say what went wrong in their own words, and leave nothing behind."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.archive.layout import malformed
from ledger.audit.of_archive import ArchiveLocator
from ledger.audit.of_store import StoreLocator
from ledger.audit.worker import Setup
from ledger.audit.workers import WorkerEnded, judging
from ledger.errors import Malformed, StoreUnavailable

ORIGIN = "test.example/log"


def setup_of(locator: StoreLocator | ArchiveLocator) -> Setup:
    return Setup(locator, ORIGIN, 60, {}, [])


def test_a_store_that_a_worker_cannot_open_is_named_by_its_own_rule(tmp_path: Path) -> None:
    locator = StoreLocator(f"sqlite:///{tmp_path / 'gone.sqlite3'}")
    with judging(1) as judged, pytest.raises(StoreUnavailable, match="no such file") as caught:
        list(judged(setup_of(locator), [(0, 1, [])]))
    assert caught.value.rule == "store.unavailable"
    assert caught.value.message_zh == "无法读取数据库。"


def test_an_archive_that_a_worker_cannot_read_is_named_by_its_own_rule(tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    path.write_bytes(b"no tar")
    with judging(2) as judged, pytest.raises(Malformed) as caught:
        list(judged(setup_of(ArchiveLocator(path)), [(0, 1, []), (2, 3, [])]))
    assert caught.value.rule == "archive.form"


def test_a_worker_that_ends_early_ends_the_audit_with_words() -> None:
    # What cannot be set up (no such locator in the other process) ends it before it answers.
    with judging(1) as judged, pytest.raises(WorkerEnded, match="run the audit again"):
        list(judged(setup_of(_Unknown()), [(0, 1, [])]))  # type: ignore[arg-type]  # that is the point


class _Unknown:
    def __reduce__(self) -> tuple[object, ...]:
        return sys.exit, (3,)


def test_an_error_of_the_ledger_is_the_same_in_another_process() -> None:
    error = malformed("found", "wanted")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.as_dict(), str(again)) == (type(error), error.as_dict(), str(error))


def test_a_worker_loads_no_client_of_a_chain_and_no_tables() -> None:
    code = (
        "import sys, ledger.audit.worker, ledger.audit.of_store;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'web3', 'eth_account', 'requests'}),"
        " [name for name in sys.modules if name.startswith(('ledger.db', 'ledger.effects', 'sqlalchemy.orm'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["[]", "[]"]
