"""Whoever's account a power was exercised over is told so by the channels, once, whatever fails (DOMAIN 22)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.reminders import Contacts, Mail, MailServer, Reminders, Webhook
from ledger.reminders.channels import Channel
from ledger.reminders.noticed import TOLD_SECONDS
from tests.ledger.mirrored import Mirror, casework, memory, unitwork
from tests.ledger.reminders.conftest import Inbox, Mailbox

STEEL, TILES = unitwork.STEEL, unitwork.TILES


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path)
    units = made.units()
    units.hold(units.signed(units.carry_in(1_000)))
    units.hold(units.signed(units.freeze(20)))
    units.hold(units.signed(units.transfer(10)))
    yield made
    made.database.close()


def sender(mirror: Mirror, *channels: Channel) -> Reminders:
    return Reminders(mirror.database, mirror.parameters, channels, holder="one", clock=lambda: float(mirror.memory.now))


def told(inbox: Inbox) -> list[dict[str, Any]]:
    return [body for _, body in inbox.received if body["type"] == "notice"]


def test_each_holder_is_told_once_with_reason_document_and_who(mirror: Mirror, inbox: Inbox) -> None:
    reminders = sender(mirror, Webhook(inbox.url))
    for _ in range(3):
        reminders.step()
    found = told(inbox)
    assert sorted((one["power"], one["enterprise"], one["tonnes"]) for one in found) == [
        ("freeze", STEEL, 20),
        ("transfer", STEEL, 10),
        ("transfer", TILES, 10),
    ]
    for one in found:
        assert (one["reason"], one["document_hash"]) == (
            unitwork.DOCUMENT["reason"],
            unitwork.DOCUMENT["document_hash"],
        )
        assert one["approvers"] == sorted((casework.OFFICER, casework.INSPECTOR))
        assert one["issuer"] == memory.PARK
        assert f"tanlu receipt {one['entry']}" in one["text"]
        assert "如有异议" in one["text"]
    assert len({key for key, _ in inbox.received}) == len(inbox.received)
    reminders.release()


def test_what_a_receiver_did_not_take_is_sent_again_under_the_same_key(mirror: Mirror, inbox: Inbox) -> None:
    reminders = sender(mirror, Webhook(inbox.url))
    inbox.status = 503
    reminders.step()
    failed = {key for key, body in inbox.received if body["type"] == "notice"}
    inbox.status, inbox.received[:] = 204, []
    mirror.memory.now += 60
    reminders.step()
    assert {key for key, body in inbox.received if body["type"] == "notice"} == failed
    assert len(failed) == 3
    reminders.release()


def test_an_old_notice_is_not_sent_any_more(mirror: Mirror, inbox: Inbox) -> None:
    mirror.memory.now += TOLD_SECONDS + 1
    reminders = sender(mirror, Webhook(inbox.url))
    reminders.step()
    assert told(inbox) == []
    reminders.release()


def test_mail_goes_to_the_holder_and_to_nobody_else(mirror: Mirror, mailbox: Mailbox) -> None:
    contacts = Contacts(("office@park.test",), {STEEL: ("steel@park.test",), TILES: ("tiles@park.test",)})
    reminders = sender(mirror, Mail(MailServer("127.0.0.1", mailbox.port, "plain"), "tanlu@park.test", contacts))
    reminders.step()
    subjects = []
    for _, recipients, text in mailbox.taken:
        subject = str(email.message_from_string(text, policy=email.policy.default)["Subject"])
        if "are frozen" in subject:
            assert recipients == ["office@park.test", "steel@park.test"]
            subjects.append(subject)
    (subject,) = subjects
    assert "已冻结" in subject
    reminders.release()
