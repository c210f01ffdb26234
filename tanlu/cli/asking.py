"""What commands share that ask about an identifier's streams: whom they ask as, and about whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import click

from tanlu.cli import options
from tanlu.client import Client
from tanlu.errors import InputRefused
from tanlu.keyring import read_card
from tanlu.trustfile import load_trust

_OPTIONS = (
    click.argument("identifier", required=False),
    options.server,
    options.trust,
    options.as_key,
    options.password_file,
    options.patience,
)


def asks(function: Any) -> Any:
    """Adds IDENTIFIER and the options of who asks, as the one argument ``asking``."""

    def command(**given: Any) -> None:
        names = ("identifier", "server", "trust_path", "as_path", "password_file", "patience")
        asking = Asking(**{name: given.pop(name) for name in names})
        function(asking=asking, **given)

    command.__doc__, command.__name__ = function.__doc__, function.__name__
    command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks which service about whom, as the options say."""

    identifier: str | None
    server: str
    trust_path: Path
    as_path: Path | None
    password_file: Path | None
    patience: float

    @contextmanager
    def open(self) -> Iterator[tuple[Client, str]]:
        """A client, and the identifier: without IDENTIFIER that of ``--as``. Raises InputRefused
        (``identifier.unnamed``)."""
        about = self._about()
        trust = load_trust(self.trust_path)
        who = options.credentials(self.as_path, self.password_file)
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            yield client, about

    def _about(self) -> str:
        if self.identifier is not None:
            return self.identifier
        if self.as_path is None:
            raise InputRefused(
                rule="identifier.unnamed",
                value="no identifier",
                expected="IDENTIFIER, or --as with a key file",
                message="About whom? Name an identifier, or sign in with --as",
                message_zh="未指明标识：请给出 IDENTIFIER，或以 --as 登录",
            )
        return read_card(self.as_path).identifier
