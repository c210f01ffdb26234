"""What commands share that admit somebody: who looks, who speaks for the park, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from attestation.bodies import Admission, Opening
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.sending import sending
from tanlu.client import Acceptance, Admissions, Client
from tanlu.client.admissions import STREAM
from tanlu.keyring import open_key
from tanlu.signed import SignedStatements
from tanlu.trustfile import load_trust

_LOOKING = (options.server, options.trust, options.as_key, options.password_file, options.patience)
_SPEAKING = (
    options.key,
    click.option("--stream", default=STREAM, show_default=True, help="The signer's stream for this. 数据流"),
    options.server,
    options.trust,
    options.password_file,
    options.patience,
)


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks at which service, as the options say."""

    server: str
    trust_path: Path
    as_path: Path | None
    password_file: Path | None
    patience: float

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client that signs in with ``--as``, where that is given."""
        trust = load_trust(self.trust_path)
        who = options.credentials(self.as_path, self.password_file)
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            yield client


looks = options.gathers(_LOOKING, Looking, "looking")
"""Adds the options of who looks, as the one argument ``looking``."""


@dataclass(frozen=True, slots=True)
class Admitting:
    """Who speaks to which service, as the options say."""

    key_path: Path
    stream: str
    server: str
    trust_path: Path
    password_file: Path | None
    patience: float

    @contextmanager
    def open(self) -> Iterator[Desk]:
        """Opens the key and the connection. Raises KeyFileRefused, InputRefused and TrustMalformed."""
        trust = load_trust(self.trust_path)
        held = open_key(self.key_path, options.read_password(self.password_file))
        kept = SignedStatements(self.key_path, trust.log)
        who = options.signs_in(held)
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            yield Desk(client, Admissions(client, who, trust, stream=self.stream, kept=kept), kept, self.stream)


admits = options.gathers(_SPEAKING, Admitting, "admitting")
"""Adds the options of who speaks, as the one argument ``admitting``."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An open connection, and what speaks through it."""

    client: Client
    admissions: Admissions
    kept: SignedStatements
    stream: str

    def say(self, body: Admission | Opening) -> Acceptance:
        """Sign it, judge it, keep it, send it; where the log does not take it, what is left behind is said."""
        prepared = self.admissions.prepare(body)
        with sending(self.kept.path(self.stream, prepared.seq)):
            return self.admissions.submit(prepared)

    def result(self, accepted: Acceptance, members: Mapping[str, object], english: str, chinese: str) -> None:
        """Print what was done; the entry's index ends the sentence."""
        console().result(
            {
                **members,
                "index": accepted.index,
                "statement_id": accepted.statement_id,
                "repeated": accepted.repeated,
                "promise": accepted.promise,
            },
            f"{english}: entry {accepted.index}",
            f"{chinese}：第 {accepted.index} 条记录",
        )
