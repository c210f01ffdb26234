"""What an auditor asks besides: an enterprise's year comes from what the audit itself established."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from ledger.audit import Divergence, audit, store_evidence
from ledger.audit.asked import Asked, dossiers
from ledger.audit.completeness import streams_of
from ledger.audit.findings import Divergences
from ledger.audit.places import Places
from ledger.db.emission_models import ChainEmissionsRow
from tanlu.cli.dossier_text import dossier_text
from tests.api.test_accounts import YEAR, park  # noqa: F401 - a fixture that is used by name
from tests.ledger.fsck.stores import ENTERPRISE, METER, Maker

REPORTED = 2025


def test_the_streams_of_a_year_are_those_that_the_entries_alone_give(tmp_path: Path) -> None:
    made = Maker(tmp_path).make()
    asked = Asked(years=((ENTERPRISE, REPORTED), (METER, REPORTED), ("88.608.9/NOBODY", REPORTED)))
    with store_evidence(made.url) as log:
        report = audit(log, made.trust, asked=asked, found=pytest.fail)
        streams = streams_of(log, Divergences(pytest.fail))
    (dossier,) = report.dossiers
    assert dossier.streams == tuple(one for one in streams if one.issuer in {ENTERPRISE, METER})
    assert any(one.lost for one in dossier.streams)
    assert [one.what for one in dossier.lines] == ["report"] * made.scalar(
        "SELECT count(*) FROM reports WHERE year = ?", REPORTED
    )
    # A meter has no year of its own, nor has who is not in the log.
    assert [line for line in report.skipped if "no enterprise" in line] == [
        f"year {REPORTED} of {METER}: no enterprise of that name in the log",
        f"year {REPORTED} of 88.608.9/NOBODY: no enterprise of that name in the log",
    ]
    said = report.as_dict()["dossiers"]
    assert isinstance(said, list)
    assert said[0]["whole"] is dossier.whole
    english, chinese = dossier_text(dossier)
    assert english.startswith(f"{ENTERPRISE} {REPORTED}: ")
    assert chinese.startswith(f"{ENTERPRISE} {REPORTED}：")


def test_a_number_of_a_figure_that_is_missing_is_a_divergence(park: Any) -> None:  # noqa: F811 - the fixture's name
    found: list[Divergence] = []
    with park.database.read() as session:
        row = ChainEmissionsRow
        session.execute(update(row).where(row.year == YEAR, row.revision == 2).values(revision=4))
        told, left_out = dossiers(session, _no_places(), [(park.enterprise_id, YEAR)], Divergences(found.append))
    assert (len(told), left_out) == (1, [])
    assert [(one.rule, one.found) for one in found] == [("complete.revision", "no 2"), ("complete.revision", "no 3")]
    assert "missing revisions of the figure: 2, 3" in dossier_text(told[0])[0]


def _no_places() -> Places:
    return Places(Divergences(pytest.fail))
