"""Every command that writes a file looks at its folder first: one refusal, nothing made, no place in a stream taken."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from attestation.keys import Kind, Purpose
from tanlu.client import Client
from tanlu.errors import InputRefused
from tanlu.files import require_folder, require_new, write_new

from ..conftest import METER, PARK, KeyFile, World
from .conftest import Json, Run

BODY = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T00:15:00Z", "quantity": "3.17", "unit": "kWh"}
ROWS = "from,to,quantity\n2020-01-01T00:00:00Z,2020-01-01T01:00:00Z,1.5\n"


@pytest.fixture
def meter_key(key_file: KeyFile, world: World) -> Path:
    return key_file(world.meter, METER, Purpose.DEVICE)


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(json.dumps(BODY))
    return path


def _files(folder: Path) -> set[Path]:
    # SQLite's own files come and go with its connections.
    return {path for path in folder.rglob("*") if ".sqlite3" not in path.name}


def _refused(answer: Json, *arguments: object) -> None:
    refused = answer(*arguments, code=1)
    assert refused["rule"] == "file.folder"
    assert "nowhere" in refused["value"]
    assert "目录不存在" in refused["message_zh"]


@pytest.mark.parametrize("command", ["new", "request", "recover request", "recover approve", "add", "rotate"])
def test_no_key_or_request_is_made_for_a_missing_folder(
    answer: Json, meter_key: Path, body: Path, tmp_path: Path, command: str
) -> None:
    own = ("--identifier", METER, "--purpose", "device")
    arguments: dict[str, tuple[object, ...]] = {
        "new": own,
        "request": (meter_key, "--kind", Kind.DEVICE.value),
        "recover request": (meter_key, "--replaces", "x" * 43, "--reason", "lost"),
        "recover approve": (body, "--key", meter_key),
        "add": ("--key", meter_key, "--purpose", "device"),
        "rotate": ("--key", meter_key),
    }
    before = _files(tmp_path)
    _refused(answer, "keys", *command.split(), *arguments[command], "-o", tmp_path / "nowhere" / "x")
    assert _files(tmp_path) == before


@pytest.mark.parametrize("command", ["sign reading", "report sign"])
def test_a_signature_takes_no_place_before_its_folder_was_looked_at(
    answer: Json, meter_key: Path, body: Path, tmp_path: Path, command: str
) -> None:
    arguments = (*command.split(), body, "--key", meter_key, "--stream", "m", "-o")
    _refused(answer, *arguments, tmp_path / "nowhere" / "x.jws")
    assert not meter_key.with_name(meter_key.name + ".signed").exists()
    (tmp_path / "linked").symlink_to(tmp_path / "nowhere" / "x.jws")
    assert answer(*arguments, tmp_path / "linked", code=1)["rule"] == "file.exists"
    long = answer(*arguments, tmp_path / ("x" * 300), code=1)
    assert (long["rule"], "名称过长" in long["message_zh"]) == ("file.folder", True)
    assert not meter_key.with_name(meter_key.name + ".signed").exists()
    assert answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "-o", tmp_path / "x.jws")["seq"] == 1


def test_what_cannot_be_kept_beside_the_key_is_not_signed(
    answer: Json, meter_key: Path, body: Path, tmp_path: Path
) -> None:
    meter_key.with_name(meter_key.name + ".signed").write_text("a file where the folder would be")
    out = tmp_path / "x.jws"
    refused = answer("sign", "reading", body, "--key", meter_key, "--stream", "m", "-o", out, code=1)
    assert (refused["rule"], out.exists()) == ("file.folder", False)


def test_an_enrolment_takes_no_place_before_its_folder_was_looked_at(
    answer: Json, meter_key: Path, tmp_path: Path
) -> None:
    request, office = tmp_path / "request.json", tmp_path / "office.key"
    answer("keys", "request", meter_key, "--kind", "device", "--parent", PARK, "-o", request)
    arguments = ("keys", "enrol", request, "--registrar-key", office, "-o")
    _refused(answer, *arguments, tmp_path / "nowhere" / "x.jws")
    assert not office.with_name("office.key.signed").exists()


def test_receipts_and_bodies_are_refused_before_anything_is_asked(answer: Json, tmp_path: Path, free_port: int) -> None:
    out = tmp_path / "nowhere" / "x.json"
    # Nothing listens there: the folder is looked at before.
    _refused(answer, "receipt", 1, "--server", f"http://127.0.0.1:{free_port}", "-o", out)
    _refused(answer, "policy", "factor-set", "cets-steel@03.01-v01-2024", "--effective-from", "2024-01-01", "-o", out)
    lines = tmp_path / "lines.json"
    lines.write_text("[]")
    span = ("--year", 2024, "--from", "2024-01-01T00:00:00+08:00", "--to", "2025-01-01T00:00:00+08:00")
    _refused(answer, "report", "build", "--lines", lines, "--factor-set", "a@1", *span, "--base", "direct", "-o", out)


def test_an_import_whose_journal_has_no_folder_sends_nothing(
    answer: Json, meter_key: Path, client: Client, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(ROWS)
    arguments = ("import-readings", rows, "--key", meter_key, "--stream", "m", "--unit", "kWh")
    _refused(answer, *arguments, "--server", client.base_url, "--journal", tmp_path / "nowhere" / "j")
    assert client.entry_at(METER, "m", 1) is None


@pytest.mark.parametrize("command", [("init", "--home"), ("demo", "--out")])
def test_a_folder_below_a_file_is_refused(run: Run, tmp_path: Path, command: tuple[str, str]) -> None:
    (tmp_path / "file").write_text("in use")
    result = run("--lang", "zh", *command, tmp_path / "file" / "below")
    assert result.exit_code == 1
    assert "[file.folder]" in result.stderr
    assert "不是目录" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    for law in (require_new, lambda path: write_new(path, b"x")):
        with pytest.raises(InputRefused) as refused:
            law(link)
        assert refused.value.rule == "file.exists"
    assert not target.exists()


def test_looking_at_a_folder_leaves_nothing_in_it(tmp_path: Path) -> None:
    require_folder(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_files_is_refused_whatever_its_mode_says(tmp_path: Path) -> None:
    """``/proc`` takes no files from anybody, the superuser included, whom no mode stops."""
    for path in (Path("/proc/new"), tmp_path / "new"):
        if path.parent == tmp_path:
            if os.geteuid() == 0:
                continue
            tmp_path.chmod(0o500)
        for law in (require_new, lambda where: write_new(where, b"x")):
            with pytest.raises(InputRefused) as refused:
                law(path)
            assert refused.value.rule == "file.folder"
    tmp_path.chmod(0o700)
