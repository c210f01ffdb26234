"""Whatever is altered in a database, the audit finds, from the entries alone; and says nothing of a sound one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.audit import AuditReport, Divergence, audit, store_evidence
from tests.ledger.fsck.corruptions import CORRUPTIONS
from tests.ledger.fsck.stores import Made, Maker


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The store as the programs made it."""
    return Maker(tmp_path_factory.mktemp("audit")).make()


@pytest.fixture
def made(sound: Made, tmp_path: Path) -> Made:
    """A copy of the store, to be spoiled."""
    copy = tmp_path / "log.sqlite3"
    shutil.copyfile(sound.path, copy)
    return Made(copy, sound.trust)


def audited(made: Made, workers: int = 0) -> tuple[AuditReport, list[Divergence]]:
    found: list[Divergence] = []
    with store_evidence(made.url) as log:
        report = audit(log, made.trust, rows=log.store, workers=workers, found=found.append)
    assert report.divergences == len(found)
    return report, found


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sound_store_has_no_divergence(sound: Made, workers: int) -> None:
    report, found = audited(sound, workers)
    assert found == []
    assert report.statements == sound.scalar("SELECT count(*) FROM entries")
    assert report.heads == sound.scalar("SELECT count(*) FROM checkpoints")
    assert report.streams == sound.scalar("SELECT count(*) FROM streams")
    assert report.skipped == ["chain: no node and no recorded chain"]


@pytest.mark.parametrize(
    ("spoil", "table", "key"),
    # An index of the engine is no row: `tanlu fsck` looks at those.
    [case[1:4] for case in CORRUPTIONS if case[2] != "database"],
    ids=[case[0] for case in CORRUPTIONS if case[2] != "database"],
)
def test_an_alteration_is_found_and_named(made: Made, spoil: Callable[[Made], None], table: str, key: Any) -> None:
    spoil(made)
    report, found = audited(made)
    assert report.divergences
    assert report.first == found[0]
    key = key(made) if callable(key) else key
    places = [one.place for one in found]
    expected = {
        "entries": (f"entry {key}", f"entries {key},"),
        "checkpoints": ("size ", "checkpoints "),
        "tiles": ("tiles ", "log_state "),
    }.get(table, (f"{table} ",))
    assert any(place.startswith(expected) for place in places), [str(one) for one in found[:8]]
