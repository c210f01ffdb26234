"""The operator's file of reminders: what it may say, and what is refused by name before anything starts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.reminding import reminder_channels
from api.settings import Profile, SettingsRefused
from ledger.reminders import Mail, Webhook

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"
MAIL: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 2525,
    "security": "plain",
    "from": "tanlu@park.test",
    "to": ["office@park.test"],
}


def write(folder: Path, document: object, mode: int = 0o600) -> Path:
    path = folder / "reminders.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    path.chmod(mode)
    return path


def refusal(path: Path, profile: Profile = Profile.DEVELOPMENT) -> SettingsRefused:
    with pytest.raises(SettingsRefused) as caught:
        reminder_channels(path, profile)
    assert caught.value.message_zh
    return caught.value


def test_without_a_file_there_are_no_reminders(tmp_path: Path) -> None:
    assert reminder_channels(tmp_path / "reminders.json", Profile.PRODUCTION) == []


def test_the_file_of_the_page_is_good(tmp_path: Path) -> None:
    (found,) = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "keys").mkdir()
    secret = tmp_path / "keys" / "mail"
    secret.write_text("a password\n")
    secret.chmod(0o600)
    webhook, mail = reminder_channels(write(tmp_path, found), Profile.PRODUCTION)
    assert isinstance(webhook, Webhook)
    assert isinstance(mail, Mail)
    assert mail.server.password == "a password"
    assert mail.contacts.of("88.608.5288/A") == ("office@park.example", "carbon@a.example")
    assert "a password" not in repr(mail)
    webhook.close()


@pytest.mark.parametrize(
    ("document", "rule", "value"),
    [
        ("{", "settings.reminders", ""),
        ({"hook": "https://x.test"}, "settings.reminders", "hook"),
        ({"webhook": "ftp://x.test"}, "settings.reminders", "ftp://x.test"),
        ({"webhook": "https://"}, "settings.reminders", "https://"),
        ({"mail": {}}, "settings.reminders", "mail"),
        ({"mail": MAIL | {"port": 0}}, "settings.reminders", "port"),
        ({"mail": MAIL | {"security": "maybe"}}, "settings.reminders", "maybe"),
        ({"mail": MAIL | {"to": []}}, "settings.reminders.address", "to"),
        ({"mail": MAIL | {"from": "tanlu"}}, "settings.reminders.address", "from"),
        ({"mail": MAIL | {"to": ["a@x.test\nBcc: b@x.test"]}}, "settings.reminders.address", "to"),
        ({"mail": MAIL, "contacts": {"88.608.9/B": ["b"]}}, "settings.reminders.address", "88.608.9/B"),
        ({"mail": MAIL, "contacts": {"nobody": ["b@x.test"]}}, "settings.reminders", "nobody"),
        ({"mail": MAIL | {"user": "tanlu"}}, "settings.reminders.password", ""),
        ({"mail": MAIL | {"user": "tanlu", "password_file": "gone"}}, "settings.reminders.password", "gone"),
        ({"mail": MAIL | {"host": "mail.park.test"}}, "settings.production.tls", "mail.park.test:2525"),
    ],
)
def test_other_files_are_refused_by_name_in_every_profile(
    tmp_path: Path, document: object, rule: str, value: str
) -> None:
    refused = refusal(write(tmp_path, document))
    assert refused.rule == rule
    assert value in refused.value


def test_production_sends_nothing_in_the_clear_and_keeps_addresses_to_itself(tmp_path: Path) -> None:
    path = write(tmp_path, {"webhook": "http://park.test/hook"})
    assert refusal(path, Profile.PRODUCTION).rule == "settings.production.tls"
    (webhook,) = reminder_channels(path, Profile.DEVELOPMENT)
    webhook.close()
    loopback = write(tmp_path, {"webhook": "http://127.0.0.1:1/hook"}, 0o644)
    assert refusal(loopback, Profile.PRODUCTION).rule == "settings.production.permissions"
