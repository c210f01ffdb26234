"""``tanlu case`` as typed: what is shown in both languages, what is refused before a key is opened (DOMAIN 44)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..client.test_cases import CASE, ENTERPRISE, LINE, VERIFIER
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


def test_a_case_is_shown_with_every_step_and_what_is_open(service: Liar, run) -> None:
    shown = run("case", "show", ENTERPRISE, 2024).stdout
    assert f"{ENTERPRISE} 2024: verified" in shown
    assert f"verdict: approved 10 t, {6:064x}; objections until 2023-11-14T22:46:40Z" in shown
    assert f"{5:064x}:coal-1" in shown
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
