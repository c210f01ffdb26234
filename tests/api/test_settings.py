"""Settings: the documented table is the class, production is strict, nothing unknown passes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.settings import PREFIX, Profile, Role, Settings, SettingsRefused, load

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"


def _default(name: str) -> str:
    value = Settings.model_fields[name].get_default()
    if isinstance(value, frozenset | tuple):
        return ",".join(sorted(str(item) for item in value))
    return "off" if value is None else str(value)


def _load(home: Path, **environ: str) -> Settings:
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(PREFIX + name.upper(), raising=False)
        for name, value in environ.items():
            patch.setenv(PREFIX + name, value)
        return load(home)


def test_the_documented_table_is_the_settings_class() -> None:
    text = OPERATIONS.read_text("utf-8").partition("## Settings")[2].partition("### Profiles")[0]
    rows = re.findall(r"^\| `TANLU_(\w+)` \| `(.*?)` \| (.+) \|$", text, re.MULTILINE)
    fields = Settings.model_fields
    # Fields of a part of the class come first in it, and stand by their subject in the table.
    assert sorted(rows) == sorted(
        (name.upper(), _default(name), str(field.description)) for name, field in fields.items()
    )


def test_defaults_are_safe(tmp_path: Path) -> None:
    settings = _load(tmp_path)
    assert settings.profile is Profile.PRODUCTION
    assert settings.host == "127.0.0.1"
    assert settings.roles == frozenset(Role)
    assert settings.database_url == f"sqlite:///{tmp_path}/tanlu.sqlite3"
    assert (settings.bulk_max_lines, settings.bulk_max_bytes) == (100_000, 64 * 1024 * 1024)


def test_the_environment_wins_over_the_file_and_arguments_over_both(tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("TANLU_PORT=1111\nTANLU_HOST=127.0.0.2\n")
    assert _load(tmp_path).port == 1111
    settings = _load(tmp_path, PORT="2222", ROLES="api,relayer")
    assert (settings.port, settings.host) == (2222, "127.0.0.2")
    assert settings.roles == {Role.API, Role.RELAYER}
    assert load(tmp_path, port=3333, roles=None).port == 3333


def test_paths_are_taken_from_the_home_directory(tmp_path: Path) -> None:
    settings = _load(tmp_path, PROFILE="development", TRUST_FILE="a/trust.json", FINALITY="anvil-state:node/final.json")
    assert settings.trust_file == tmp_path / "a" / "trust.json"
    assert settings.finality == f"anvil-state:{tmp_path}/node/final.json"
    assert _load(tmp_path, DATABASE_URL="sqlite:////srv/log.sqlite3").database_url == "sqlite:////srv/log.sqlite3"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "http"),
        ("ROLES", "api,cook"),
        ("ROLES", ","),
        ("PROFILE", "test"),
        ("FINALITY", "soon"),
        ("FINALITY", "confirmations:-1"),
        ("FINALITY", "anvil-state:"),
        ("BULK_MAX_LINES", "100001"),
        ("BULK_MAX_BYTES", str(64 * 1024 * 1024 + 1)),
        ("BULK_CHUNK_LINES", "0"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_PORT", "-1"),
        ("MAX_CONNECTIONS", "0"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        _load(tmp_path, **{name: value})
    assert refusal.value.rule == "settings.value"
    # An empty set of roles is seen only when all fields are read.
    assert PREFIX + name in refusal.value.message or "roles" in refusal.value.message


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.env").write_text("TANLU_PROT=1111\n")
    with pytest.raises(SettingsRefused, match="tanlu_prot"):
        _load(tmp_path)


@pytest.mark.parametrize(
    ("rule", "environ"),
    [
        ("settings.production.finality", {"FINALITY": "anvil-state:node/final.json"}),
        ("settings.production.tls", {"RPC_URL": "http://chain.example:8545"}),
        ("settings.production.tls", {"RPC_URL": "http://10.0.0.7:8545"}),
        ("settings.production.tls", {"WITNESS_URLS": "http://127.0.0.1:1,http://witness.example"}),
        ("settings.production.tls", {"RPC_URL": "http://localhost.example:8545"}),
    ],
)
def test_production_refuses_what_is_fit_for_development_only(
    tmp_path: Path, rule: str, environ: dict[str, str]
) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        _load(tmp_path, **environ)
    assert refusal.value.rule == rule
    assert _load(tmp_path, PROFILE="development", **environ).profile is Profile.DEVELOPMENT


def test_production_takes_tls_and_loopback(tmp_path: Path) -> None:
    environ = {"RPC_URL": "https://chain.example", "WITNESS_URLS": "https://w.example,http://[::1]:8710"}
    assert _load(tmp_path, **environ).witness_urls == ("https://w.example", "http://[::1]:8710")


def test_production_refuses_a_password_file_that_others_may_read(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()
    password = tmp_path / "keys" / "password"
    password.write_text("secret\n")
    password.chmod(0o644)
    with pytest.raises(SettingsRefused) as refusal:
        _load(tmp_path)
    assert refusal.value.rule == "settings.production.permissions"
    assert "secret" not in refusal.value.message
    password.chmod(0o600)
    _load(tmp_path)
