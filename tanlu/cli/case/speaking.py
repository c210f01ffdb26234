"""What commands share that say something in a case: who speaks, about which case, and what is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import click

from attestation.bodies import Body
from ledger.trust import Trust
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.sending import sending
from tanlu.client import Acceptance, Client
from tanlu.client.case_context import CaseContext
from tanlu.client.cases import CaseFile
from tanlu.client.saying import Prepared, Saying
from tanlu.errors import InputRefused, RefusedByService
from tanlu.keyring import HeldKey, open_key
from tanlu.signed import SignedStatements
from tanlu.trustfile import load_trust

STREAM = "cases"
_NOT_FOUND = 404

case_arguments = (
    click.argument("enterprise"),
    click.argument("year", type=click.IntRange(1990, 9999)),
)

_OPTIONS = (
    options.key,
    click.option("--stream", default=STREAM, show_default=True, help="The signer's stream for this. 数据流"),
    options.server,
    options.trust,
    options.password_file,
    options.patience,
)


def of_case(function: Any) -> Any:
    """Adds the arguments ENTERPRISE and YEAR."""
    return reduce(lambda made, option: option(made), reversed(case_arguments), function)


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
    def open(self, enterprise: str, year: int) -> Iterator[CaseDesk]:
        """Opens the key, the connection and the case. Raises KeyFileRefused, InputRefused and TrustMalformed."""
        trust = load_trust(self.trust_path)
        held = open_key(self.key_path, options.read_password(self.password_file))
        kept = SignedStatements(self.key_path, trust.log)
        who = options.signs_in(held)
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            file = _find(client, enterprise, year)
            context = CaseContext(client, trust, enterprise, year, file)
            saying = Saying(client, who, trust, self.stream, kept)
            yield CaseDesk(held, trust, client, file, context, saying, kept, self.stream)


@dataclass(frozen=True, slots=True)
class CaseDesk:
    """An opened key and case, and what it speaks through. ``found`` is None for a case without any entry."""

    held: HeldKey
    trust: Trust
    client: Client
    found: CaseFile | None
    context: CaseContext
    saying: Saying
    kept: SignedStatements
    stream: str

    @property
    def file(self) -> CaseFile:
        """The case's file. Raises InputRefused (``cases.unknown``)."""
        if self.found is None:
            raise no_case(self.context.told.enterprise, self.context.told.year)
        return self.found

    def prepare(self, type_: str, body: Body) -> Prepared:
        """Signed and judged; nobody has seen it, and no place is taken. Raises AttestationError."""
        return self.saying.prepare(type_, body, self.context)

    def submit(self, prepared: Prepared) -> Acceptance:
        """Keep it, send it; where the log does not take it, what is left behind is said."""
        with sending(self.kept.path(self.stream, prepared.seq)):
            return self.saying.submit(prepared)

    def say(self, type_: str, body: Body) -> Acceptance:
        """Sign it, judge it, keep it, send it."""
        return self.submit(self.prepare(type_, body))

    def result(self, accepted: Acceptance, members: Mapping[str, object], english: str, chinese: str) -> None:
        """Print what was done; the entry's index ends the sentence."""
        told = self.context.told
        console().result(
            {
                "enterprise": told.enterprise,
                "year": told.year,
                **members,
                "index": accepted.index,
                "statement_id": accepted.statement_id,
                "repeated": accepted.repeated,
                "promise": accepted.promise,
            },
            f"{english}: entry {accepted.index}",
            f"{chinese}：第 {accepted.index} 条记录",
        )


def no_case(enterprise: str, year: int) -> InputRefused:
    """The refusal of a case that has no entry."""
    return InputRefused(
        rule="cases.unknown",
        value=f"{enterprise} {year}",
        expected="a case with an assignment, a draw or a report",
        message=f"The log has nothing about the case of {enterprise} {year}",
        message_zh=f"日志中没有 {enterprise} {year} 年度的案件",
    )


def _find(client: Client, enterprise: str, year: int) -> CaseFile | None:
    try:
        return client.case(enterprise, year)
    except RefusedByService as refused:
        if refused.status == _NOT_FOUND:
            return None
        raise
