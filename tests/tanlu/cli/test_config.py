"""`tanlu config`: every setting with its source, no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.settings import Settings
from tanlu.cli import main
from tanlu.cli.config import hidden
from tanlu.cli.node import command as node
from tanlu.cli.witness import WitnessConfig

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"


def _shown(home: Path, **environ: str) -> dict[str, dict[str, str]]:
    clean = {f"TANLU_{name.upper()}": None for name in Settings.model_fields}
    result = CliRunner().invoke(main, ["config", "--json", "--home", str(home)], env=clean | environ)
    assert result.exit_code == 0, result.output
    shown: dict[str, dict[str, str]] = json.loads(result.stdout)["settings"]
    return shown


def test_every_setting_is_shown_with_its_value_and_source(tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("TANLU_PORT=1111\nTANLU_HOST=127.0.0.2\n")
    shown = _shown(tmp_path, TANLU_PORT="2222")
    assert set(shown) == {f"TANLU_{name.upper()}" for name in Settings.model_fields}
    assert shown["TANLU_PORT"] == {"value": "2222", "source": "environment"}
    assert shown["TANLU_HOST"] == {"value": "127.0.0.2", "source": "file"}
    assert shown["TANLU_ROLES"] == {"value": "api,relayer,reminders,sequencer", "source": "default"}
    assert shown["TANLU_METRICS_PORT"]["value"] == "off"
    assert shown["TANLU_DATABASE_URL"]["value"] == f"sqlite:///{tmp_path}/tanlu.sqlite3"


def test_secrets_in_addresses_are_hidden(tmp_path: Path) -> None:
    shown = _shown(
        tmp_path,
        TANLU_DATABASE_URL="postgresql+psycopg://tanlu:hunter2@db.example/log?password=hunter2",
        TANLU_RPC_URL="https://rpc.example/v3/hunter2",
        TANLU_WITNESS_URLS="https://hunter2@w.example,https://w2.example?key=hunter2",
    )
    assert "hunter2" not in json.dumps(shown)
    assert shown["TANLU_DATABASE_URL"]["value"] == "postgresql+psycopg://***@db.example/log?***"
    assert shown["TANLU_RPC_URL"]["value"] == "https://rpc.example/***"
    assert shown["TANLU_WITNESS_URLS"]["value"] == "https://***@w.example,https://w2.example?***"


@pytest.mark.parametrize("text", ["sqlite:////srv/log.sqlite3", "http://127.0.0.1:8545", "info", "finalized"])
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert hidden(text) == text


def test_a_setting_that_cannot_be_used_is_refused_by_name(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["config", "--json", "--home", str(tmp_path)], env={"TANLU_PORT": "http"})
    assert result.exit_code == 1
    assert "TANLU_PORT" in json.loads(result.stdout)["error"]["message"]


def test_every_member_of_the_witness_configuration_is_on_the_page() -> None:
    page = OPERATIONS.read_text("utf-8").partition("### The witness")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(WitnessConfig.__struct_fields__)


def test_every_option_of_the_node_is_on_the_page() -> None:
    page = OPERATIONS.read_text("utf-8").partition("### The local chain")[2].partition("\n### ")[0]
    options = {option for parameter in node.params for option in parameter.opts} - {"--json", "--lang", "--home"}
    assert options == set(re.findall(r"`(--[a-z-]+)`", page))
