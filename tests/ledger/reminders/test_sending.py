"""Reminders 30, 7 and 1 days ahead (DOMAIN 47): once each, whatever is killed, and recorded."""

from __future__ import annotations

import email
import email.policy
import os
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.statements import parse_body
from ledger.db.chain_models import LeaseRow
from ledger.db.policy_models import ReminderRow
from ledger.log import Accepted
from ledger.reminders import Contacts, Mail, MailServer, Reminders, Webhook
from tests.ledger.log.conftest import DEPLOYMENT, ENTERPRISE, ORIGIN, PARK
from tests.ledger.reminders.conftest import DAY, REPORT_DUE, Inbox, Mailbox, Office, calendar

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
REPO = Path(__file__).resolve().parents[3]


def sender(office: Office, *channels: object, holder: str = "one") -> Reminders:
    return Reminders(office.database, office.parameters, channels, holder=holder, clock=office.clock)  # type: ignore[arg-type]  # channels


def rows(office: Office) -> list[ReminderRow]:
    with office.database.read() as session:
        return list(session.query(ReminderRow).order_by(ReminderRow.created_at, ReminderRow.key))


def test_a_deadline_is_told_thirty_seven_and_one_days_ahead_and_no_other_time(office: Office, inbox: Inbox) -> None:
    reminders = sender(office, Webhook(inbox.url))
    for days in (40, 31, 30, 29, 8, 7, 6, 2, 1, 0, -1):
        office.clock.now = REPORT_DUE - days * DAY
        for _ in range(2):
            reminders.step()
    told = [body["days"] for _, body in inbox.received if body["deadline"] == "report"]
    assert told == [30, 7, 1]
    first = inbox.received[0][1]
    assert (first["enterprise"], first["year"], first["due_at"]) == (ENTERPRISE, 2023, "2024-03-31T16:00:00Z")
    assert "排放报告" in first["text"]
    assert len({key for key, _ in inbox.received}) == len(inbox.received)
    assert all(row.sent_at is not None for row in rows(office))
    reminders.release()


def test_what_is_done_is_not_reminded_of(office: Office, inbox: Inbox) -> None:
    reminders = sender(office, Webhook(inbox.url))
    office.clock.now = REPORT_DUE - 30 * DAY
    reminders.step()
    report(office)
    office.clock.now = REPORT_DUE - 7 * DAY
    reminders.step()
    assert [body["days"] for _, body in inbox.received if body["deadline"] == "report"] == [30]
    reminders.release()


def report(office: Office) -> None:
    office.publish("factor-set", dict(STEEL.document()), STEEL.version, set_id=STEEL.id)
    built = build_report(
        year=2023,
        period_from="2023-01-01T00:00:00Z",
        period_to="2023-12-31T00:00:00Z",
        activities=[Activity("none", LineKind.COMBUSTION, "bituminous", Decimal(0), "t")],
        factor_set=STEEL,
        obligation_base="direct",
    )
    entry = office.sign("report", ENTERPRISE, office.enterprise, "reports", 1, parse_body("report", built.body))
    (outcome,) = office.log().submit([entry]).outcomes
    assert isinstance(outcome, Accepted), outcome


def test_a_channel_that_does_not_answer_is_tried_again_later_and_later(office: Office, inbox: Inbox) -> None:
    reminders = sender(office, Webhook(inbox.url))
    office.clock.now, inbox.status = REPORT_DUE - 30 * DAY, 503
    begun, attempts = office.clock.now, []
    for second in range(0, 200, 5):
        office.clock.now = begun + second
        before = len(inbox.received)
        reminders.step()
        attempts += [second] * (len(inbox.received) - before)
    assert attempts == [0, 15, 45, 105]
    (row,) = rows(office)
    assert (row.attempts, row.sent_at, row.error) == (4, None, "HTTP 503")
    inbox.status, office.clock.now = 200, begun + 4_000
    assert reminders.step().sent == 1
    assert len({key for key, _ in inbox.received}) == 1, "one reminder keeps one key"
    (row,) = rows(office)
    assert (row.sent_at, row.error) == (begun + 4_000, None)
    reminders.release()


def test_a_nearer_reminder_takes_the_place_of_one_that_nobody_took(office: Office, inbox: Inbox) -> None:
    reminders = sender(office, Webhook("http://127.0.0.1:9/nobody"))
    office.clock.now = REPORT_DUE - 30 * DAY
    assert reminders.step().failed == 1
    reminders.release()
    reminders = sender(office, Webhook(inbox.url), holder="two")
    office.clock.now = REPORT_DUE - 7 * DAY
    report = reminders.step()
    assert (report.cancelled, report.sent) == (1, 1)
    assert [body["days"] for _, body in inbox.received] == [7]
    reminders.release()


def test_a_moved_deadline_is_another_reminder(office: Office, inbox: Inbox) -> None:
    reminders = sender(office, Webhook(inbox.url))
    office.clock.now = REPORT_DUE - 30 * DAY
    reminders.step()
    office.publish("calendar", calendar(report="04-10"))
    reminders.step()
    assert len(inbox.received) == 1, "30 days are more than that again"
    office.clock.now = REPORT_DUE - 20 * DAY
    reminders.step()
    assert [(body["days"], body["due_at"]) for _, body in inbox.received] == [
        (30, "2024-03-31T16:00:00Z"),
        (30, "2024-04-10T16:00:00Z"),
    ]
    reminders.release()


def test_mail_goes_to_the_park_and_to_the_enterprise_and_nobody_sees_the_others(
    office: Office, mailbox: Mailbox
) -> None:
    contacts = Contacts(("park@example.org",), {ENTERPRISE: ("a@works.test",), "88.608.9/B": ("b@example.org",)})
    mail = Mail(MailServer("127.0.0.1", mailbox.port, "plain"), "tanlu@example.org", contacts)
    reminders = sender(office, mail)
    office.clock.now = REPORT_DUE - 30 * DAY
    assert reminders.step().sent == 1
    ((origin, recipients, text),) = mailbox.taken
    assert (origin, recipients) == ("tanlu@example.org", ["park@example.org", "a@works.test"])
    message = email.message_from_string(text, policy=email.policy.default)
    assert (message["To"], message["Message-ID"]) == ("tanlu@example.org", f"<{rows(office)[0].key}@example.org>")
    assert "report due within 30 d" in message["Subject"]
    assert "将于 30 天内截止" in message["Subject"]
    assert "须在 2024-03-31T16:00:00Z 之前完成" in message.get_content()
    assert "a@works.test" not in text
    reminders.release()


def test_a_mail_server_that_refuses_is_tried_again(office: Office, mailbox: Mailbox) -> None:
    mail = Mail(MailServer("127.0.0.1", mailbox.port, "plain"), "tanlu@example.org", Contacts(("park@example.org",)))
    reminders = sender(office, mail)
    office.clock.now, mailbox.refuse = REPORT_DUE - 30 * DAY, "451 later"
    assert reminders.step().failed == 1
    assert rows(office)[0].error == "SMTP 451"
    mailbox.refuse = ""
    office.clock.now += 60
    assert reminders.step().sent == 1
    reminders.release()


def test_both_channels_are_told_each_for_itself(office: Office, inbox: Inbox, mailbox: Mailbox) -> None:
    mail = Mail(MailServer("127.0.0.1", mailbox.port, "plain"), "tanlu@example.org", Contacts(("park@example.org",)))
    reminders = sender(office, Webhook(inbox.url), mail)
    office.clock.now, inbox.status = REPORT_DUE - 30 * DAY, 500
    step = reminders.step()
    assert (step.sent, step.failed) == (1, 1)
    assert len(mailbox.taken) == 1
    reminders.release()


def test_only_one_process_sends(office: Office, inbox: Inbox) -> None:
    one, other = sender(office, Webhook(inbox.url)), sender(office, Webhook(inbox.url), holder="other")
    office.clock.now = REPORT_DUE - 30 * DAY
    assert not one.step().idle
    assert other.step().idle
    one.release()
    assert not other.step().idle
    assert len(inbox.received) == 1
    other.release()


def test_what_was_sent_is_shown_beside_its_deadline(office: Office, inbox: Inbox) -> None:
    reminders = sender(office, Webhook(inbox.url))
    office.clock.now = REPORT_DUE - 30 * DAY
    reminders.step()
    reminded = office.view().deadlines.reminded(2023)
    assert reminded == {(ENTERPRISE, "report", REPORT_DUE): [(30, "webhook", int(office.clock.now))]}
    reminders.release()


SEND = """
import sys
from attestation.keys import Algorithm, PublicKey
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.reminders import Reminders, Webhook
url, hook, raw, now, holder, origin, deployment, park = sys.argv[1:]
registrar = PublicKey(Algorithm.ED25519, bytes.fromhex(raw))
parameters = LogParameters(origin, bytes.fromhex(deployment), park, registrar, None)
reminders = Reminders(Database(url), parameters, [Webhook(hook)], holder=holder, clock=lambda: float(now))
reminders.step()
print("stepped", flush=True)
reminders.release()
"""


def run(office: Office, hook: str, holder: str) -> subprocess.Popen[bytes]:
    arguments = [
        office.database.url,
        hook,
        office.registrar.public.raw.hex(),
        str(office.clock.now),
        holder,
        ORIGIN,
        DEPLOYMENT.hex(),
        PARK,
    ]
    return subprocess.Popen([sys.executable, "-c", SEND, *arguments], cwd=REPO, stdout=subprocess.PIPE)


@pytest.mark.parametrize("answers", [True, False], ids=["after-the-answer", "before-the-answer"])
def test_a_process_killed_at_delivery_tells_it_again_with_the_same_key(
    office: Office, inbox: Inbox, answers: bool
) -> None:
    office.clock.now = REPORT_DUE - 30 * DAY
    child: list[subprocess.Popen[bytes]] = []
    begun = threading.Event()

    def kill() -> None:
        assert begun.wait(30)
        os.kill(child[0].pid, signal.SIGKILL)
        child[0].wait(30)

    inbox.on_post = kill
    if not answers:
        inbox.status = 503
    child.append(run(office, inbox.url, "killed"))
    begun.set()
    out, _ = child[0].communicate(timeout=60)
    assert child[0].returncode == -signal.SIGKILL
    assert out == b""
    inbox.on_post, inbox.status = lambda: None, 200
    with office.database.write() as session:
        # Its lease ends by itself, a minute later.
        session.get_one(LeaseRow, "reminders").expires_at = 0
    for holder in ("second", "third"):
        following = run(office, inbox.url, holder)
        assert following.communicate(timeout=60)[0] == b"stepped\n"
        assert following.returncode == 0
    keys = [key for key, _ in inbox.received]
    assert len(keys) == 2, "told again once, and not a third time"
    assert keys[0] == keys[1]
    (row,) = rows(office)
    assert row.sent_at == int(office.clock.now)
