"""A store is made of an archive whole or not at all: forged lines whose sums fit are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.archive.writing import write_archive
from ledger.audit import store_evidence
from ledger.audit.chain import deployment_of
from ledger.errors import LedgerError
from ledger.rebuild import store_of_archive
from tanlu.drill.rewriting import rewrite
from tests.ledger.fsck.stores import Made, Maker


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Maker(tmp_path_factory.mktemp("forged")).make()


def export(made: Made, path: Path) -> Path:
    with store_evidence(made.url) as log:
        deployment, origin = deployment_of(made.trust), made.trust.log
        write_archive(path, log, None, deployment, trust=made.trust.format(), origin=origin, tables=False)
    return path


FORGED = {
    "a-head-twice": ("log/heads.jsonl", lambda data: data + data.splitlines(keepends=True)[-1]),
    "an-epoch-beyond": ("log/heads.jsonl", lambda data: data.replace(b'"epoch":0', b'"epoch":%d' % 2**63)),
    "a-second-statement-of-no-entry": (
        "log/equivocations.jsonl",
        lambda data: data + data.splitlines(keepends=True)[-1].replace(b'"index":', b'"index":77'),
    ),
    "a-moment-beyond": (
        "log/entries-00000000.jsonl",
        lambda data: data.replace(b'"accepted_at":', b'"accepted_at":9' + b"0" * 18, 1),
    ),
}


@pytest.mark.parametrize("forged", FORGED)
def test_forged_lines_are_refused_and_leave_nothing(made: Made, tmp_path: Path, forged: str) -> None:
    path, (name, change) = export(made, tmp_path / "archive.tar"), FORGED[forged]
    changed: list[bool] = []

    def edit(member: str, data: bytes) -> bytes:
        if member != name:
            return data
        changed.append(change(data) != data)
        return change(data)

    rewrite(path, edit, manifest=True)
    assert changed == [True]
    with pytest.raises(LedgerError) as refused:
        store_of_archive(path, tmp_path / "new.sqlite3", made.trust)
    assert refused.value.rule in {"rebuild.evidence", "archive.form"}
    assert [one.name for one in tmp_path.iterdir()] == ["archive.tar"]
