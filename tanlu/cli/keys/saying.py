"""What commands share that say something of keys: who speaks, through which service, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import click

from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.sending import sending
from tanlu.client import Acceptance, Client, KeyLife
from tanlu.client.key_life import STREAM
from tanlu.client.saying import Prepared
from tanlu.keyring import Card, HeldKey, open_key
from tanlu.signed import SignedStatements
from tanlu.trustfile import load_trust

_OPTIONS = (
    options.key,
    click.option("--stream", default=STREAM, show_default=True, help="The signer's stream for this. 数据流"),
    options.server,
    options.trust,
    options.password_file,
    options.patience,
)


def speaks(function: Any) -> Any:
    """Adds the options of who speaks, as the one argument ``speaking``."""

    def command(**given: Any) -> None:
        names = ("key_path", "stream", "server", "trust_path", "password_file", "patience")
        speaking = Speaking(**{name: given.pop(name) for name in names})
        function(speaking=speaking, **given)

    command.__doc__, command.__name__ = function.__doc__, function.__name__
    command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks to which service, as the options say."""

    key_path: Path
    stream: str
    server: str
    trust_path: Path
    password_file: Path | None
    patience: float

    @contextmanager
    def open(self) -> Iterator[Speaker]:
        """Opens the key and the connection. Raises KeyFileRefused, InputRefused and TrustMalformed."""
        trust = load_trust(self.trust_path)
        password = options.read_password(self.password_file)
        held = open_key(self.key_path, password)
        kept = SignedStatements(self.key_path, trust.log)
        who = options.signs_in(held)
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            life = KeyLife(client, who, trust, stream=self.stream, kept=kept)
            yield Speaker(held, password, client, life, kept, self.stream)


@dataclass(frozen=True, slots=True)
class Speaker:
    """An opened key, its password, and what it speaks through."""

    held: HeldKey
    password: str
    client: Client
    life: KeyLife
    kept: SignedStatements
    stream: str

    def say(self, prepared: Prepared, new: Path | None = None) -> Acceptance:
        """Submit what was prepared. ``new`` is the file of a key that was made for it: where the log does not take
        the statement, what is left behind is said, and what to do with it."""
        with sending(self.kept.path(self.stream, prepared.seq), new):
            return self.life.submit(prepared)

    def result(
        self, accepted: Acceptance, prepared: Prepared, members: Mapping[str, object], english: str, chinese: str
    ) -> None:
        """Print what was done; the entry's index ends the sentence."""
        console().result(
            {
                **members,
                "index": accepted.index,
                "statement_id": accepted.statement_id,
                "stream": self.stream,
                "seq": prepared.seq,
                "repeated": accepted.repeated,
                "promise": accepted.promise,
            },
            f"{english}: entry {accepted.index}",
            f"{chinese}：第 {accepted.index} 条记录",
        )


def card_members(path: Path, card: Card) -> dict[str, object]:
    """A new key's file and card as JSON-ready members."""
    return {
        "identifier": card.identifier,
        "thumbprint": card.public.kid_name,
        "algorithm": card.public.algorithm.value,
        "purposes": list(card.purposes.names()),
        "file": str(path),
    }
