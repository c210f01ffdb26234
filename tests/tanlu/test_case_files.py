"""What a verifier writes by hand is read whole or refused, and a draw's secret is kept as such (DOMAIN 44, 45)."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from attestation.draws import commitment_of
from ledger.trust import Trust
from tanlu.case_files import DrawSecret, read_adjustments, read_items, read_resolutions, read_secret, write_secret
from tanlu.client.cases import OpenItem
from tanlu.errors import InputRefused
from tanlu.trustfile import load_trust

ITEM = {"id": "coal-1", "stage": "document", "kind": "nonconformity", "rule": "5.2", "text": "twice"}
ADJUSTMENT = {"line": "coal", "reason": "not burnt", "basis": "evidence"}
FIRST, SECOND = "aa" * 32, "bb" * 32
WAITING = (OpenItem(finding=FIRST, item="coal-1"), OpenItem(finding=SECOND, item="heat-1"))
SECRET = DrawSecret("88.608.5288/A", 2018, "07" * 32)


@pytest.fixture
def trust(trust_file: Path) -> Trust:
    return load_trust(trust_file)


def written(folder: Path, document: object) -> Path:
    path = folder / "given.json"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"items": rows}])
def test_items_are_a_list_or_a_member(tmp_path: Path, wrap) -> None:
    (item,) = read_items(written(tmp_path, wrap([ITEM])))
    assert (item.id, item.stage, item.line) == ("coal-1", "document", None)


def test_an_adjustment_without_a_replacement_leaves_the_line_out(tmp_path: Path) -> None:
    (one,) = read_adjustments(written(tmp_path, [ADJUSTMENT]))
    assert (one.line, one.replacement, one.basis) == ("coal", None, "evidence")


@pytest.mark.parametrize(
    "document", [[], {}, {"items": []}, {"adjustments": [ITEM]}, [{**ITEM, "id": 3}], [{**ITEM, "more": 1}], "x"]
)
def test_what_are_no_items_is_refused_with_the_members_wanted(tmp_path: Path, document: object) -> None:
    with pytest.raises(InputRefused) as caught:
        read_items(written(tmp_path, document))
    assert caught.value.rule == "case.items"
    assert "id, stage, kind" in caught.value.expected


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_text("[")
    with pytest.raises(InputRefused) as caught:
        read_adjustments(path)
    assert caught.value.rule == "case.adjustments"


@pytest.mark.parametrize("text", ["coal-1=corrected", f"{FIRST}:coal-1=corrected"])
def test_a_resolution_names_an_item_that_waits(text: str) -> None:
    (one,) = read_resolutions([text], WAITING)
    assert (one.finding, one.item, one.resolution) == (FIRST, "coal-1", "corrected")


@pytest.mark.parametrize(
    "text",
    [
        "coal-1",
        "=corrected",
        "coal-1=forgiven",
        "coal-2=corrected",
        f"{SECOND}:coal-1=corrected",
    ],
)
def test_what_resolves_nothing_open_is_refused(text: str) -> None:
    with pytest.raises(InputRefused) as caught:
        read_resolutions([text], WAITING)
    assert (caught.value.rule, caught.value.value) == ("case.resolution", text)


def test_an_item_of_two_findings_is_named_with_its_finding() -> None:
    both = (OpenItem(finding=FIRST, item="coal-1"), OpenItem(finding=SECOND, item="coal-1"))
    with pytest.raises(InputRefused):
        read_resolutions(["coal-1=corrected"], both)
    (one,) = read_resolutions([f"{SECOND}:coal-1=corrected"], both)
    assert one.finding == SECOND


def test_a_kept_secret_comes_back_with_its_commitment_for_its_owner_alone(tmp_path: Path, trust: Trust) -> None:
    path = tmp_path / "draw.secret"
    write_secret(path, trust, SECRET)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = read_secret(path, trust)
    assert (kept, kept.commitment) == (SECRET, commitment_of(bytes.fromhex(SECRET.secret)).hex())


def test_a_secret_is_never_written_over(tmp_path: Path, trust: Trust) -> None:
    path = tmp_path / "draw.secret"
    write_secret(path, trust, SECRET)
    with pytest.raises(InputRefused) as caught:
        write_secret(path, trust, DrawSecret("88.608.5288/A", 2018, "08" * 32))
    assert caught.value.rule == "file.exists"
    assert read_secret(path, trust) == SECRET


@pytest.mark.parametrize("lie", [{"log": "another/log"}, {"type": "x"}, {"secret": "07"}, {"secret": "ZZ" * 32}])
def test_another_file_is_no_secret(tmp_path: Path, trust: Trust, lie: dict[str, str]) -> None:
    path = tmp_path / "draw.secret"
    write_secret(path, trust, SECRET)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | lie))
    with pytest.raises(InputRefused) as caught:
        read_secret(path, trust)
    assert caught.value.rule == "case.secret"
