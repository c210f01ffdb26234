"""``tanlu label``: a code is built, signed, recomputed by the log, and listed (DOMAIN 48)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.bodies import Activity as LabelActivity
from attestation.bodies import Sector
from attestation.keys import Purpose
from attestation.statements import Policy, parse_body
from tanlu.client import Client
from tanlu.client.cases import CaseFigure
from tanlu.labelling import LabelInputs, build_label

from ..conftest import ENTERPRISE, PARK, KeyFile, World
from .conftest import Json, Run

FACTORS = load_bundled("cets-steel", "03.01-v01-2024")
PLAIN = ("--enterprise", "--basis", "--value-added")
OPTIONS = {
    "--enterprise": ENTERPRISE,
    "--year": "2020",
    "--basis": "reported",
    "--base": "direct",
    "--tonnes": "902",
    "--product": "tiles",
    "--quantity": "1000",
    "--unit": "t",
    "--sector": "ceramics",
    "--sector-intensity": "1.2",
    "--sector-source": "park bulletin, table 4",
    "--value-added": "1500",
}


def options(**changed: str) -> list[str]:
    named = {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return [word for pair in (OPTIONS | named).items() for word in pair]


@pytest.fixture
def reported(client: Client, world: World) -> str:
    """400 t of coal, 902 t: the statement id of the enterprise's report."""
    policy = Policy(
        policy="factor-set",
        id=FACTORS.id,
        version=FACTORS.version,
        effective_from="2018-01-01",
        document=FACTORS.document(),
    )
    client.submit(world.sign("policy", PARK, world.registrar, "policies", 1, policy))
    built = build_report(
        year=2020,
        period_from="2020-01-01T00:00:00+08:00",
        period_to="2021-01-01T00:00:00+08:00",
        activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal("400.00"), "t")],
        factor_set=FACTORS,
        obligation_base="direct",
    )
    body = parse_body("report", built.body)
    return client.submit(world.sign("report", ENTERPRISE, world.enterprise, "reports", 1, body)).statement_id


def test_a_label_is_built_signed_submitted_and_listed(
    answer: Json, run: Run, client: Client, world: World, key_file: KeyFile, reported: str, tmp_path: Path
) -> None:
    body, signed = tmp_path / "label.json", tmp_path / "label.jws"
    built = answer("label", "build", *options(report=reported), "-o", body)
    assert (built["k"], built["level"], built["grade"]) == ("0.7517", 2, "mid")
    assert json.loads(body.read_text())["value_intensity"] == "0.6013"
    office = key_file(world.registrar, PARK, Purpose.ADMINISTRATION)
    answer("sign", "label", body, "--key", office, "--stream", "labels", "-o", signed)
    answer("submit", signed, "--server", client.base_url)
    found = answer("label", "list", ENTERPRISE, "--server", client.base_url)
    (logged,) = found["labels"]
    assert logged["label"] == json.loads(body.read_text())
    assert logged["superseded_by"] is None
    shown = run("label", "list", ENTERPRISE, "--server", client.base_url, "--lang", "zh")
    assert "碳效值 0.7517，2 级" in shown.stdout
    assert f"902 吨（已报告），报告 {reported}" in shown.stdout
    nothing = run("label", "list", ENTERPRISE, "--year", "2021", "--server", client.base_url, "--lang", "en")
    assert "has no label" in nothing.stdout


def test_tonnes_that_are_not_the_cases_are_refused_by_the_log(
    answer: Json, client: Client, world: World, key_file: KeyFile, reported: str, tmp_path: Path
) -> None:
    body, signed = tmp_path / "label.json", tmp_path / "label.jws"
    answer("label", "build", *options(report=reported, tonnes="540"), "-o", body)
    office = key_file(world.registrar, PARK, Purpose.ADMINISTRATION)
    answer("sign", "label", body, "--key", office, "--stream", "labels", "-o", signed)
    error = answer("submit", signed, "--server", client.base_url, code=1)
    assert (error["rule"], error["value"], error["expected"]) == ("label.tonnes", "540", "902")


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"quantity": "0"}, "intensity.output_zero"),
        ({"value_added": "0.00"}, "intensity.value_added_zero"),
        ({"sector_intensity": "0"}, "intensity.sector_zero"),
        ({"quantity": "1,000"}, "decimal.grammar"),
    ],
)
def test_zero_and_what_is_no_number_is_refused_and_no_file_is_left(
    answer: Json, changed: dict[str, str], rule: str, tmp_path: Path
) -> None:
    out = tmp_path / "label.json"
    assert answer("label", "build", *options(**changed), "-o", out, code=1)["rule"] == rule
    assert not out.exists()


def test_a_file_that_is_there_is_not_written_over(answer: Json, tmp_path: Path) -> None:
    out = tmp_path / "label.json"
    out.write_text("mine")
    answer("label", "build", *options(), "-o", out, code=1)
    assert out.read_text() == "mine"


def test_a_label_whose_case_got_another_figure_afterwards_is_marked(
    run: Run, client: Client, world: World, reported: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DOMAIN 2, 48: an amendment replaces the figure that the code was made of."""
    body = build_label(
        LabelInputs(
            **{name.removeprefix("--").replace("-", "_"): value for name, value in OPTIONS.items() if name in PLAIN},
            year=2020,
            report=reported,
            obligation_base="direct",
            tonnes=902,
            activity=LabelActivity(product="tiles", quantity="1000", unit="t"),
            sector=Sector(name="ceramics", intensity="1.2", source="park bulletin, table 4"),
            supersedes=None,
            reason=None,
        )
    ).body
    index = client.submit(world.sign("label", PARK, world.registrar, "labels", 1, body)).index
    told = list(client.cases(ENTERPRISE))
    for at, words in ((index - 1, "902 t reported"), (index + 1, "outdated: the case's figure is 950 t, revision 2")):
        figure = CaseFigure(index=at, revision=2, tonnes=950, determined=False, on_chain=True)
        cases = [msgspec.structs.replace(one, figure=figure) for one in told]
        monkeypatch.setattr(Client, "cases", lambda *_, cases=cases: iter(cases))
        shown = run("label", "list", ENTERPRISE, "--server", client.base_url, "--lang", "en").stdout
        assert words in shown
        assert ("outdated" in shown) is (at > index)
