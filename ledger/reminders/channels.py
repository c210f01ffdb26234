"""How a reminder is told: a webhook, or mail over SMTP (RFC 5321). Each tells the receiver the reminder's key, so that
what comes twice can be known as the same."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from types import TracebackType
from typing import Literal, Protocol, Self

import httpx

from attestation.instants import format_instant
from ledger.reminders.contacts import Contacts
from ledger.reminders.wanted import Reminder

Security = Literal["plain", "starttls", "tls"]


class Undelivered(Exception):
    """The channel did not take the reminder; it is tried again. The text names no address and no secret."""


class Channel(Protocol):
    """A way to tell. ``name`` is what is kept of it, at most 16 characters."""

    @property
    def name(self) -> str: ...

    def deliver(self, reminder: Reminder, key: str, log: str) -> None:
        """Tell it once. Raises Undelivered."""

    def close(self) -> None:
        """Give back what it holds."""


@dataclass(slots=True)
class Webhook:
    """POSTs JSON to ``url``, with the key as ``Idempotency-Key``; any answer from 200 to 299 takes it."""

    url: str
    timeout: float = 10.0
    name: str = field(default="webhook", init=False)
    _http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # A redirect would carry the names of enterprises to whoever the receiver points at.
        self._http = httpx.Client(timeout=self.timeout, follow_redirects=False, trust_env=False)

    def deliver(self, reminder: Reminder, key: str, log: str) -> None:
        """See ``Channel``."""
        due = reminder.due
        body = {
            "v": 1,
            "type": "reminder",
            "key": key,
            "log": log,
            "enterprise": due.enterprise,
            "year": due.year,
            "deadline": due.name,
            "month": due.month,
            "entry": due.entry,
            "due_at": format_instant(due.at),
            "days": reminder.days,
            "text": reminder.text(),
        }
        try:
            answer = self._http.post(self.url, json=body, headers={"Idempotency-Key": key})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Undelivered(type(error).__name__) from None
        if not answer.is_success:
            raise Undelivered(f"HTTP {answer.status_code}")

    def close(self) -> None:
        """See ``Channel``."""
        self._http.close()


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. ``tls``: from the first byte; ``starttls``: before anything is said; ``plain``: loopback only.
    ``user`` empty: no sign-in."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0


@dataclass(slots=True)
class Mail:
    """One message for each reminder, from ``sender``; recipients do not see one another."""

    server: MailServer
    sender: str
    contacts: Contacts
    name: str = field(default="mail", init=False)

    def deliver(self, reminder: Reminder, key: str, log: str) -> None:
        """See ``Channel``. A server that takes it for one recipient at least has taken it."""
        message = EmailMessage()
        message["Subject"] = reminder.subject()
        message["From"] = self.sender
        message["To"] = self.sender
        message["Date"] = formatdate()
        # The same reminder sent again is the same message.
        message["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        message.set_content(f"{reminder.text()}\n{log}\n")
        try:
            with _Session(self.server) as session:
                session.send(message, self.sender, self.contacts.of(reminder.due.enterprise))
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"SMTP {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(type(error).__name__) from None

    def close(self) -> None:
        """See ``Channel``."""


class _Session:
    """A connection to the server for one message."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def __enter__(self) -> Self:
        server, context = self._server, ssl.create_default_context()
        if server.security == "tls":
            self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.timeout, context=context
            )
        else:
            self._smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                self._smtp.starttls(context=context)
            if server.user:
                self._smtp.login(server.user, server.password)
        except BaseException:
            self._smtp.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._smtp.close()

    def send(self, message: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        """Hand it over; the server's 250 after the data is what counts."""
        self._smtp.send_message(message, sender, list(recipients))
