"""A log with one obliged enterprise, and a receiver of each channel on loopback."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from attestation.instants import parse_instant
from attestation.policies.calendar import default_document
from attestation.statements import Policy
from ledger.db.base import Database
from ledger.log import Refused
from tests.ledger.log.conftest import ENTERPRISE, PARK, Clock, Park

REPORT_DUE = parse_instant("2024-03-31T16:00:00Z")
"""Of 2023, by the default calendar."""
DAY = 86_400


class Office(Park):
    """Publishes, one policy after another."""

    published: int = 0

    def publish(self, policy: str, document: dict[str, Any], version: str = "1", *, set_id: str = "park") -> None:
        self.published += 1
        body = Policy(policy=policy, id=set_id, version=version, effective_from="2023-01-01", document=document)
        (outcome,) = self.log().submit([self.sign("policy", PARK, self.registrar, "p", self.published, body)]).outcomes
        assert not isinstance(outcome, Refused), outcome.error


@pytest.fixture
def office(database: Database) -> Office:
    """Enterprise A is obliged for 2023; the clock stands 40 days before its report is due."""
    office = Office(database, Clock(REPORT_DUE - 40 * DAY))
    office.log().submit(office.enrolments())
    office.publish("coverage-list", {"year": 2023, "entries": [{"identifier": ENTERPRISE, "obliged": True}]})
    return office


def calendar(year: int = 2023, **deadlines: object) -> dict[str, Any]:
    found = default_document()
    return {"year": year, **found, "deadlines": {**found["deadlines"], **deadlines}}  # type: ignore[dict-item]  # a dict


@dataclass
class Inbox:
    """What a webhook was told. ``status``: how it answers; ``on_post`` runs before it does."""

    received: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    status: int = 204
    on_post: Callable[[], None] = lambda: None
    url: str = ""


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            inbox.received.append((self.headers["Idempotency-Key"], json.loads(body)))
            inbox.on_post()
            self.send_response(inbox.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        inbox.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield inbox
        server.shutdown()
        thread.join(10)


@dataclass
class Mailbox:
    """What an SMTP server took: sender, recipients, message. ``refuse``: its answer to the data, where it refuses."""

    taken: list[tuple[str, list[str], str]] = field(default_factory=list)
    refuse: str = ""
    port: int = 0


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """As much of RFC 5321 as one message needs."""
    mailbox = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        timeout = 10

        def say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def handle(self) -> None:
            sender, recipients = "", []
            self.say("220 loopback")
            while line := self.rfile.readline().decode().strip():
                verb, _, rest = line.partition(" ")
                if verb.upper() == "MAIL":
                    sender = rest.partition("<")[2].partition(">")[0]
                elif verb.upper() == "RCPT":
                    recipients.append(rest.partition("<")[2].partition(">")[0])
                elif verb.upper() == "DATA":
                    self.say("354 go on")
                    lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                    message = "\n".join(lines)
                    if mailbox.refuse:
                        self.say(mailbox.refuse)
                        continue
                    mailbox.taken.append((sender, recipients, message))
                self.say("250 OK")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        mailbox.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield mailbox
        server.shutdown()
        thread.join(10)
