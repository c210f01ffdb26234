"""``tanlu case`` as typed: what is shown in both languages, what is refused before a key is opened (DOMAIN 44)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from attestation.bodies import DecideObjection, RaiseObjection, Registration, Verification
from attestation.statements import Totals
from tanlu.cli.case import records
from tanlu.cli.case.outcomes import outcomes
from tanlu.client.cases import CaseFile

from ..client.test_cases import CASE, ENTERPRISE, LINE, VERIFIER, step
from ..client.test_lying_service import Liar


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, run) -> Iterator[Liar]:
    """Answers everybody with one case."""
    monkeypatch.delenv("TANLU_AS")
    made = Liar()
    listing = {"cases": [LINE, LINE | {"year": 2025, "state": "open", "verifier": None}], "next": None}
    made.script = lambda path, _: (200, json.dumps(CASE if "/2024" in path else listing).encode())
    monkeypatch.setenv("TANLU_SERVER", made.url)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bodies that the case's entries would have; the service here answers with the case alone."""
    totals = Totals(scope1="0.00", scope2="0.00", obligation_base="direct", obligation_tonnes=10)
    verdict = Verification(
        report="ab" * 32, initial_report="ab" * 32, boundary="b", guideline="g", conclusion="approved", adjustments=(),
        verified=totals, nonconformities=(), uncovered="",
    )  # fmt: skip
    monkeypatch.setattr("tanlu.cli.case.records.read_bodies", lambda *_: {6: verdict})


def test_an_upheld_objection_is_seen_at_the_verdict_that_it_voids(logged: None) -> None:
    """DOMAIN 44: and a figure names its revision."""
    verdict = records.read_bodies(None, None, "")[6]  # type: ignore[arg-type]  # replaced above
    file = msgspec.convert(CASE | {"steps": [step(index, "x") for index in (6, 7, 8, 9)]}, CaseFile)
    for upheld, said in ((True, "approved 10 t, void"), (False, "approved 10 t")):
        went = outcomes(
            file,
            {
                6: verdict,
                7: RaiseObjection(verification=f"{6:064x}", grounds="g"),
                8: DecideObjection(objection=f"{7:064x}", upheld=upheld, reason="r"),
                9: Registration(
                    verification="ab" * 32, enterprise=ENTERPRISE, year=2024, tonnes=9, revision=2, signature="0x"
                ),
            },
            zh=False,
        )
        assert went == {6: said, 7: "-", 8: "upheld" if upheld else "not upheld", 9: "9 t, revision 2"}


def test_a_case_is_shown_with_every_step_and_what_is_open(service: Liar, run) -> None:
    shown = run("case", "show", ENTERPRISE, 2024).stdout
    assert f"{ENTERPRISE} 2024: verified" in shown
    assert f"verdict: approved 10 t, {6:064x}; objections until 2023-11-14T22:46:40Z" in shown
    assert f"{5:064x}:coal-1" in shown
    assert "approved 10 t  " in shown.splitlines()[-1]
    assert [line.split()[:3] for line in shown.splitlines()[-4:]] == [
        ["3", "appoint", ENTERPRISE],
        ["4", "report", ENTERPRISE],
        ["5", "finding", VERIFIER],
        ["6", "verification", VERIFIER],
    ]


def test_a_case_is_shown_in_chinese(service: Liar, run) -> None:
    shown = run("case", "show", ENTERPRISE, 2024, "--lang", "zh").stdout
    assert f"{ENTERPRISE} 2024: 异议期" in shown
    assert "未关闭的不符合项" in shown
    assert f"核查机构 {VERIFIER}" in shown


def test_cases_are_listed_with_their_states(service: Liar, run) -> None:
    lines = run("case", "list").stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [
        [ENTERPRISE, "2024", "verified", VERIFIER, "-"],
        [ENTERPRISE, "2025", "open", "-", "-"],
    ]


def test_a_draws_secret_is_not_written_over(run, tmp_path: Path) -> None:
    secret = tmp_path / "draw.secret"
    secret.write_text("kept")
    office = tmp_path / "office.key"
    result = run(
        *("case", "draw", "open", ENTERPRISE, 2024, "--candidate", VERIFIER, "--candidate", "88.608.2002/W"),
        *("--from", "2026-01-01", "--to", "2026-04-01", "--contribute-until", "2026-01-02T00:00:00Z"),
        *("--secret", secret, "--key", office, "--json"),
    )
    assert json.loads(result.stdout)["error"]["rule"] == "file.exists"
    assert secret.read_text() == "kept"


@pytest.mark.parametrize("given", [[], ["--adjustments", "x"], ["--corrected", "x"]])
def test_a_correction_is_said_in_one_way(run, tmp_path: Path, given: list[str]) -> None:
    (tmp_path / "x").write_text("[]")
    options = [str(tmp_path / word) if word == "x" else word for word in given]
    more = ["--corrected", str(tmp_path / "x")] if given[:1] == ["--adjustments"] else []
    result = run(
        *("case", "verdict", "correct", ENTERPRISE, 2024, "--boundary", "b", "--guideline", "g"),
        *("--key", tmp_path / "office.key", *options, *more),
    )
    assert result.exit_code == 2
    assert "--adjustments" in result.output


def test_three_files_or_none(run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("{}")
    result = run("case", "verify", ENTERPRISE, 2024, "--rpc", "http://127.0.0.1:1", "--report", tmp_path / "x")
    assert result.exit_code == 2
