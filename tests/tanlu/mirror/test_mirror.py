"""A mirror is the operator's own archive, byte for byte; a service that hands out another log is refused and named."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.archive.writing import write_archive
from ledger.audit import Divergence, audit, store_evidence
from ledger.audit.chain import deployment_of
from ledger.audit.of_archive import archive_evidence
from ledger.db.base import Database
from ledger.log import Log
from tanlu.client import Client, Credentials
from tanlu.errors import InputRefused, PromiseBroken, RefusedByService
from tanlu.mirror import Mirrored, MirrorFolder, take_mirror
from tanlu.mirror.folder import page_name

from ..conftest import ENTERPRISE, METER
from .logs import FIRST, SIZE, Made, integrate, make, note, reading

PAGES = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("mirrored"))


def mirror(
    client: Client,
    made: Made,
    folder: Path,
    *,
    until: int | None = None,
    known: Path | None = None,
    progress: Any = None,
) -> Mirrored:
    said = progress or (lambda _step, _done, _all: None)
    return take_mirror(client, made.world.trust, MirrorFolder(folder), until=until, known=known, progress=said)


def archived(taken: Mirrored, made: Made, path: Path, *, tables: bool = False) -> bytes:
    trust = made.world.trust
    deployment = deployment_of(trust, taken.deployment)
    write_archive(
        path, taken.folder, None, deployment, trust=taken.trust, origin=trust.log, until=taken.head.size, tables=tables
    )
    return path.read_bytes()


def own(made: Made, path: Path, until: int | None = None, *, tables: bool = False) -> bytes:
    """What the operator's own export writes."""
    trust = made.world.trust
    with store_evidence(f"sqlite:///{made.path}") as log:
        write_archive(
            path, log, None, deployment_of(trust), trust=trust.format(), origin=trust.log, until=until, tables=tables
        )
    return path.read_bytes()


@pytest.mark.parametrize("until", [None, FIRST])
def test_it_is_the_operators_own_archive(made: Made, tmp_path: Path, until: int | None) -> None:
    with made.client(tmp_path) as client:
        taken = mirror(client, made, tmp_path / "mirror", until=until)
    assert (taken.head.size, taken.fetched) == ((SIZE, PAGES) if until is None else (FIRST, 2))
    mirrored = archived(taken, made, tmp_path / "mirrored.tar", tables=True)
    assert mirrored == own(made, tmp_path / "own.tar", until, tables=True)
    found: list[Divergence] = []
    with archive_evidence(tmp_path / "mirrored.tar") as evidence:
        members, tables = evidence.faults(), evidence.archive
        audit(evidence.log, made.world.trust, members=members, tables=tables, found=found.append)
    assert found == []
    taken.folder.remove()
    assert not taken.folder.path.exists()


class Killed(Exception):
    """The process ends here."""


def test_one_that_was_killed_goes_on_where_it_was(made: Made, tmp_path: Path) -> None:
    """It ends where it was to end, whatever the log became; pages that were cut off or altered are fetched anew."""
    made, folder = made.copy(tmp_path), tmp_path / "mirror"

    def kill(_step: str, done: int, _every: int) -> None:
        if done > 1_024:
            raise Killed

    with made.client(tmp_path) as client, suppress(Killed):
        mirror(client, made, folder, progress=kill)
    assert sorted(path.name for path in folder.glob("entries-*")) == [page_name(0), page_name(1)]
    torn = folder / page_name(1)
    torn.write_bytes(torn.read_bytes()[:-9])
    database = Database(f"sqlite:///{made.path}")
    later = [reading(made.world, seq) for seq in range(SIZE - 3, SIZE + 7)]
    log = Log(database, made.world.parameters(), made.world.log_key)
    log.open()
    log.submit(later)
    integrate(made.world, database, SIZE + 10)
    database.close()
    with made.client(tmp_path) as client:
        assert client.mirror.standing().size == SIZE + 10
        taken = mirror(client, made, folder)
        assert (taken.head.size, taken.fetched) == (SIZE, 2)
        assert archived(taken, made, tmp_path / "mirrored.tar") == own(made, tmp_path / "own.tar", SIZE)
        assert mirror(client, made, folder).fetched == 0


@pytest.mark.parametrize("index", [7, 1_500, SIZE - 1], ids=["first page", "whole tile", "the rest"])
def test_an_altered_entry_is_refused_and_named(made: Made, tmp_path: Path, index: int) -> None:
    made = made.copy(tmp_path)
    made.sql("UPDATE entries SET entry = (SELECT entry FROM entries WHERE idx = 30) WHERE idx = ?", index)
    with made.client(tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        mirror(client, made, tmp_path / "mirror")
    assert caught.value.rule == "mirror.entry"
    assert caught.value.value.startswith(f"entry {index}: ")
    assert caught.value.evidence is not None
    assert note(made.world, 1, bytes(32)).splitlines()[0] in caught.value.evidence.read_text("utf-8")


def test_an_entry_that_is_gone_is_refused(made: Made, tmp_path: Path) -> None:
    made = made.copy(tmp_path)
    made.sql("DELETE FROM entries WHERE idx = 1500")
    with made.client(tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        mirror(client, made, tmp_path / "mirror")
    assert (caught.value.rule, caught.value.value) == ("mirror.page", "page 1: no such page")


def test_a_tree_of_another_root_is_refused(made: Made, tmp_path: Path) -> None:
    """The signed head is over something else than what the tiles say."""
    made = made.copy(tmp_path)
    made.sql("UPDATE checkpoints SET note = ? WHERE size = ?", note(made.world, SIZE, bytes(32)), SIZE)
    with made.client(tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        mirror(client, made, tmp_path / "mirror")
    assert caught.value.rule == "mirror.tree"
    assert caught.value.expected == "00" * 32


def test_a_head_that_nobody_signed_is_refused(made: Made, tmp_path: Path) -> None:
    made = made.copy(tmp_path)
    made.sql("UPDATE checkpoints SET note = replace(note, 'witness.test', 'witness.else') WHERE size = ?", SIZE)
    with made.client(tmp_path / "mirror" / "evidence") as client, pytest.raises(PromiseBroken) as caught:
        mirror(client, made, tmp_path / "mirror")
    assert caught.value.rule == "checkpoint.witnesses"
    # What it answered is kept, and stands in nobody's way.
    folder = MirrorFolder(tmp_path / "mirror")
    assert folder.begun() is None
    assert caught.value.evidence is not None
    assert caught.value.evidence.parent == folder.evidence


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("DELETE FROM checkpoints WHERE size = 2600", "mirror.shorter"),
        ("UPDATE checkpoints SET note = '{other}' WHERE size = 2600", "mirror.fork"),
    ],
    ids=["shorter", "another history"],
)
def test_a_log_that_became_another_while_it_was_mirrored_is_refused(
    made: Made, tmp_path: Path, change: str, rule: str
) -> None:
    made, folder = made.copy(tmp_path), tmp_path / "mirror"
    with made.client(tmp_path) as client:
        mirror(client, made, folder)
    made.sql(change.format(other=note(made.world, SIZE, bytes(32))))
    with made.client(tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        mirror(client, made, folder)
    assert caught.value.rule == rule


def test_a_log_must_extend_the_archive_from_before(made: Made, tmp_path: Path) -> None:
    """A service that goes back behind what somebody has, or signs another history, is told by it."""
    known, other = tmp_path / "known.tar", made.copy(tmp_path)
    own(made, known, FIRST)
    with made.client(tmp_path) as client:
        assert mirror(client, made, tmp_path / "good", known=known).head.size == SIZE
    own(made, known)
    other.sql("DELETE FROM checkpoints WHERE size = ?", SIZE)
    other.sql("UPDATE log_state SET tree_size = ?", FIRST)
    with other.client(tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        mirror(client, made, tmp_path / "shorter", known=known)
    assert (caught.value.rule, caught.value.value) == ("mirror.shorter", f"{FIRST} entries")


def test_another_trust_file_than_ones_own_is_refused(made: Made, tmp_path: Path) -> None:
    """Contracts elsewhere than where one's own trust file has them."""
    believed = replace(made.world.trust, evidence_log=b"\x99" * 20)
    with made.client(tmp_path) as client, pytest.raises(PromiseBroken) as caught:
        take_mirror(
            client, believed, MirrorFolder(tmp_path / "mirror"), until=None, known=None, progress=lambda *_: None
        )
    assert caught.value.rule == "mirror.trust"
    assert caught.value.value.startswith("evidence_log ")


@pytest.mark.parametrize("who", [ENTERPRISE, METER])
def test_who_may_not_read_everything_gets_no_mirror(made: Made, tmp_path: Path, who: str) -> None:
    """An enterprise reads its own entries by a search and its receipts; what others said it does not get (DOMAIN 8)."""
    key = made.world.enterprise if who == ENTERPRISE else made.world.meter
    with made.client(tmp_path, Credentials(who, key)) as client:
        for ask in (
            client.mirror.standing,
            lambda: client.mirror.page(0, SIZE),
            lambda: client.mirror.part("heads", 1),
        ):
            with pytest.raises(RefusedByService) as caught:
                ask()
            assert (caught.value.status, caught.value.rule) == (403, "access.role")


def test_a_folder_of_something_else_is_left_alone(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(b"x")
    with made.client(tmp_path) as client, pytest.raises(InputRefused) as caught:
        mirror(client, made, folder)
    assert caught.value.rule == "mirror.folder"
    assert [path.name for path in folder.iterdir()] == ["photo.jpg"]
