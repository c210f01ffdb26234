"""How a message is told: a webhook, or mail over SMTP (RFC 5321). Each tells the receiver the message's key, so that
what comes twice can be known as the same."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from types import TracebackType
from typing import Literal, Protocol, Self

import httpx

from ledger.reminders.contacts import Contacts
from ledger.reminders.message import Message

Security = Literal["plain", "starttls", "tls"]


PATIENCE_SECONDS = 30.0
"""A delivery is given up after so long, however the receiver spends it: less than the sender's lease, so that nobody
else delivers the same meanwhile."""
_CUT_EVERY_SECONDS = 0.2


class Undelivered(Exception):
    """The channel did not take the message; it is tried again. The text names no address and no secret. ``answered``:
    it said so itself, so that the next message may fare better."""

    def __init__(self, text: str, *, answered: bool) -> None:
        super().__init__(text)
        self.answered = answered


class Channel(Protocol):
    """A way to tell. ``name`` is what is kept of it, at most 16 characters."""

    @property
    def name(self) -> str: ...

    def deliver(self, message: Message, key: str, log: str) -> None:
        """Tell it once. Raises Undelivered."""

    def close(self) -> None:
        """Give back what it holds."""


@dataclass(slots=True)
class Webhook:
    """POSTs JSON to ``url``, with the key as ``Idempotency-Key``; any answer from 200 to 299 takes it. What follows the
    answer's head is not read. ``timeout`` of each step and ``patience`` of the whole, in seconds."""

    url: str
    timeout: float = 10.0
    patience: float = PATIENCE_SECONDS
    name: str = field(default="webhook", init=False)
    _tls: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self._tls = ssl.create_default_context()

    def deliver(self, message: Message, key: str, log: str) -> None:
        """See ``Channel``."""
        body: dict[str, object] = {"v": 1, "key": key, "log": log, **message.members(), "text": message.text()}
        try:
            status = asyncio.run(self._post(body, key))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            # UnicodeError: a host that is no name, which only the resolver finds out.
            raise Undelivered(type(error).__name__, answered=False) from None
        if not 200 <= status < 300:
            raise Undelivered(f"HTTP {status}", answered=True)

    async def _post(self, body: dict[str, object], key: str) -> int:
        # A redirect would carry the names of enterprises to whoever the receiver points at.
        client = httpx.AsyncClient(timeout=self.timeout, follow_redirects=False, trust_env=False, verify=self._tls)
        post = client.stream("POST", self.url, json=body, headers={"Idempotency-Key": key})
        async with asyncio.timeout(self.patience), client, post as answer:
            return answer.status_code

    def close(self) -> None:
        """See ``Channel``."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server. ``tls``: from the first byte; ``starttls``: before anything is said; ``plain``: loopback only.
    ``user`` empty: no sign-in. ``timeout`` of each step and ``patience`` of the whole, in seconds."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 10.0
    patience: float = PATIENCE_SECONDS


@dataclass(slots=True)
class Mail:
    """One mail for each message, from ``sender``; recipients do not see one another."""

    server: MailServer
    sender: str
    contacts: Contacts
    name: str = field(default="mail", init=False)

    def deliver(self, message: Message, key: str, log: str) -> None:
        """See ``Channel``. A server that takes it for one recipient at least has taken it."""
        mail = EmailMessage()
        mail["Subject"] = message.subject()
        mail["From"] = self.sender
        mail["To"] = self.sender
        mail["Date"] = formatdate()
        # The same message sent again is the same mail.
        mail["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        mail.set_content(f"{message.text()}\n{log}\n")
        try:
            with _Session(self.server) as session:
                session.send(mail, self.sender, self.contacts.of(message.enterprise))
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"SMTP {error.smtp_code}", answered=True) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            # UnicodeError: a host that is no name, or a password that the server's sign-in cannot carry.
            refused = isinstance(error, smtplib.SMTPRecipientsRefused)
            raise Undelivered(type(error).__name__, answered=refused) from None

    def close(self) -> None:
        """See ``Channel``."""


class _Session:
    """A connection to the server for one message, cut when its time is over."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._over = threading.Event()
        context = ssl.create_default_context()
        if server.security == "tls":
            self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(timeout=server.timeout, context=context)
        else:
            self._smtp = smtplib.SMTP(timeout=server.timeout)
        # The name that certificates are held against; given to the constructor, it would connect before it is watched.
        self._smtp._host = server.host  # type: ignore[attr-defined]
        self._context = context

    def __enter__(self) -> Self:
        server = self._server
        threading.Thread(target=self._watch, name="mail-watch", daemon=True).start()
        try:
            self._smtp.connect(server.host, server.port)
            if server.security == "starttls":
                self._smtp.starttls(context=self._context)
            if server.user:
                self._smtp.login(server.user, server.password)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._over.set()
        self._smtp.close()

    def _watch(self) -> None:
        """A server that says a little now and then keeps every step in time, and never ends."""
        if self._over.wait(self._server.patience):
            return
        # A step may have opened another socket since the last cut.
        while not self._over.wait(_CUT_EVERY_SECONDS):
            found = self._smtp.sock
            if found is not None:
                with suppress(OSError):
                    socket.socket.shutdown(found, socket.SHUT_RDWR)

    def send(self, message: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        """Hand it over; the server's 250 after the data is what counts."""
        self._smtp.send_message(message, sender, list(recipients))
