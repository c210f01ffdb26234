"""Receivers that are slow, endless, wrong or not there: each costs a bounded time and nothing else (DOMAIN 47)."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from ledger.db.policy_models import ReminderRow
from ledger.deadlines import Due
from ledger.reminders import Contacts, Mail, MailServer, Reminders, Webhook
from ledger.reminders.channels import Channel, Undelivered
from ledger.reminders.wanted import Reminder
from tests.ledger.reminders.conftest import DAY, REPORT_DUE, Mailbox, Office

REMINDER = Reminder(Due(2023, "88.608.1/works", "report", REPORT_DUE), 7)
PATIENCE = 0.5
Serve = Callable[[Callable[[socket.socket], None]], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server on loopback that does to each caller what it is given; gives its port."""
    listening: list[socket.socket] = []
    calls: list[threading.Thread] = []
    ended = threading.Event()

    def start(behave: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.05)
        listening.append(listener)

        def run() -> None:
            while not ended.is_set():
                try:
                    caller, _ = listener.accept()
                except TimeoutError:
                    continue
                caller.settimeout(5)
                with caller, suppress(OSError):
                    behave(caller)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        calls.append(thread)
        return int(listener.getsockname()[1])

    yield start
    ended.set()
    for thread in calls:
        thread.join(10)
        assert not thread.is_alive()
    for listener in listening:
        listener.close()


def dripping(beginning: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Says a little before every step's time is over, for ever."""

    def behave(caller: socket.socket) -> None:
        caller.sendall(beginning)
        while True:
            caller.sendall(drop)
            time.sleep(0.05)

    return behave


def webhook(port: int) -> Webhook:
    return Webhook(f"http://127.0.0.1:{port}/hook", timeout=0.3, patience=PATIENCE)


def mail(port: int) -> Mail:
    server = MailServer("127.0.0.1", port, "plain", timeout=0.3, patience=PATIENCE)
    return Mail(server, "tanlu@park.test", Contacts(("office@park.test",)))


def undelivered(channel: Channel) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        channel.deliver(REMINDER, "0a" * 32, "log.example/1")
    return caught.value


@pytest.mark.parametrize(
    ("channel", "beginning", "drop"),
    [
        (webhook, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
        (webhook, b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (mail, b"", b"220-hello\r\n"),
        (mail, b"220 hello\r\n250-", b"x"),
    ],
)
def test_a_receiver_that_never_comes_to_an_end_is_given_up(
    serve: Serve, channel: Callable[[int], Channel], beginning: bytes, drop: bytes
) -> None:
    begun = time.monotonic()
    assert not undelivered(channel(serve(dripping(beginning, drop)))).answered
    assert time.monotonic() - begun < PATIENCE + 3


def test_what_a_webhook_says_after_its_status_is_not_read(serve: Serve) -> None:
    sent = []

    def endless(caller: socket.socket) -> None:
        caller.recv(65_536)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(2_000):
            caller.sendall(bytes(100_000))
            sent.append(1)

    hook = webhook(serve(endless))
    tracemalloc.start()
    hook.deliver(REMINDER, "0a" * 32, "log.example/1")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20_000_000
    assert len(sent) < 2_000


def test_a_redirect_is_no_delivery_and_is_not_followed(serve: Serve) -> None:
    followed = []
    inside = serve(lambda caller: followed.append(caller.recv(65_536)))

    def redirect(caller: socket.socket) -> None:
        caller.recv(65_536)
        location = f"http://127.0.0.1:{inside}/".encode()
        caller.sendall(b"HTTP/1.1 307 Elsewhere\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n")

    refused = undelivered(webhook(serve(redirect)))
    assert (str(refused), refused.answered, followed) == ("HTTP 307", True, [])


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".test"])
def test_a_host_that_is_no_name_stops_no_service(host: str) -> None:
    assert not undelivered(Webhook(f"http://{host}/")).answered
    assert not undelivered(Mail(MailServer(host, 25, "plain"), "tanlu@park.test", Contacts(("a@b.test",)))).answered


def test_a_password_that_mail_cannot_carry_stops_no_service(serve: Serve) -> None:
    def answer(caller: socket.socket) -> None:
        caller.sendall(b"220 loopback\r\n")
        while caller.recv(4_096):
            caller.sendall(b"250-loopback\r\n250 AUTH PLAIN\r\n")

    server = MailServer("127.0.0.1", serve(answer), "plain", "tanlu", "口令", timeout=2)
    assert str(undelivered(Mail(server, "tanlu@park.test", Contacts(("a@b.test",))))) == "UnicodeEncodeError"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_gets_no_reminder(serve: Serve, security: str) -> None:
    said = []

    def no_tls(caller: socket.socket) -> None:
        caller.sendall(b"220 loopback\r\n")
        while data := caller.recv(4_096):
            said.append(data)
            caller.sendall(b"250 no STARTTLS here\r\n")

    server = MailServer("127.0.0.1", serve(no_tls), security, timeout=1, patience=3)  # type: ignore[arg-type]  # both
    undelivered(Mail(server, "tanlu@park.test", Contacts(("a@b.test",))))
    assert not any(b"MAIL" in data or b"works" in data for data in said), "nothing is said in the clear"


def test_a_dead_webhook_costs_one_wait_a_round_and_holds_up_no_mail(
    office: Office, serve: Serve, mailbox: Mailbox
) -> None:
    names = [f"88.608.1/works-{number}" for number in range(5)]
    office.publish(
        "coverage-list", {"year": 2023, "entries": [{"identifier": name, "obliged": True} for name in names]}, "2"
    )
    office.clock.now = REPORT_DUE - 30 * DAY
    asked = []

    def silent(caller: socket.socket) -> None:
        asked.append(1)
        caller.recv(65_536)
        time.sleep(1)

    channels = [webhook(serve(silent)), mail(mailbox.port)]
    reminders = Reminders(office.database, office.parameters, channels, holder="one", clock=office.clock)
    report = reminders.step()
    with office.database.read() as session:
        wanted = session.query(ReminderRow).filter(ReminderRow.channel == "mail").count()
    assert wanted >= len(names)
    assert (len(asked), report.failed, report.sent, len(mailbox.taken)) == (1, 1, wanted, wanted)
    reminders.release()
