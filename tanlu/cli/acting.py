"""What commands share that sign something about units: who signs, where it goes, how long one waits for the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from attestation.bodies import Body, SuspendAccount
from attestation.examination import examine
from attestation.instants import parse_instant
from ledger.trust import Trust
from tanlu.cli import options
from tanlu.cli.awaiting import STATES_ZH, await_operations, settled
from tanlu.cli.console import ExitCode, console
from tanlu.cli.sending import sending
from tanlu.client import Acceptance, Client, Entry, Operation
from tanlu.client.asset_context import AssetContext
from tanlu.client.saying import Saying
from tanlu.errors import RefusedByService
from tanlu.keyring import HeldKey, open_key
from tanlu.signed import SignedStatements
from tanlu.trustfile import load_trust

STREAM = "assets"
YEAR = click.IntRange(1990, 2200)
_OF_ONE_SIGNING = frozenset({"op_id", "deadline", "salt", "signature"})
"""Members that differ each time that the same act is signed."""
_MOST_LOOKED_AT = 100
"""Entries of a stream, from its last one back, among which the same act is looked for."""
_NOT_TOLD = frozenset({403, 404})
"""A holder is not told whether there is an operation that is not its own."""
_B = TypeVar("_B", bound=Body)

_WAITING = (
    click.option(
        "--wait",
        type=click.FloatRange(0, 86_400),
        default=0.0,
        show_default=True,
        help="Seconds to wait for what the contract says. 等待链上结果（秒）",
    ),
    click.option(
        "--until",
        type=click.Choice(("mined", "final")),
        default="mined",
        show_default=True,
        help="Wait for the block, or until it cannot be forgotten. 等到上链或终局",
    ),
)
SIGNING = (
    options.key,
    click.option("--stream", default=STREAM, show_default=True, help="The signer's stream for this. 数据流"),
    *_WAITING,
    options.server,
    options.trust,
    options.password_file,
    options.patience,
)


def tonnes(function: Any) -> Any:
    """Adds ``--tonnes``."""
    return click.option("--tonnes", type=click.IntRange(1), required=True, help="Whole tonnes. 吨数")(function)


@dataclass(frozen=True, slots=True)
class Acting:
    """Who signs for which service, as the options say."""

    key_path: Path
    stream: str
    wait: float
    until: Literal["mined", "final"]
    server: str
    trust_path: Path
    password_file: Path | None
    patience: float

    @contextmanager
    def open(self) -> Iterator[ActDesk]:
        """Opens the key and the connection. Raises KeyFileRefused, InputRefused and TrustMalformed."""
        trust = load_trust(self.trust_path)
        held = open_key(self.key_path, options.read_password(self.password_file))
        kept = SignedStatements(self.key_path, trust.log)
        who = options.signs_in(held)
        with Client(self.server, trust=trust, patience=self.patience, credentials=who) as client:
            saying = Saying(client, who, trust, self.stream, kept)
            park = held.card.identifier == trust.registrar_identifier
            context = AssetContext(client, trust, None if park else held.card.identifier)
            yield ActDesk(self, held, trust, client, context, saying, kept)


acts = options.gathers(SIGNING, Acting, "acting")
"""Adds the options of who signs and how long one waits, as the one argument ``acting``."""


@dataclass(frozen=True, slots=True)
class ActDesk:
    """An opened key and connection, and what the service says of units."""

    acting: Acting
    held: HeldKey
    trust: Trust
    client: Client
    context: AssetContext
    saying: Saying
    kept: SignedStatements

    def say(self, type_: str, body: Body) -> Acceptance:
        """Sign it, judge it with what the service says, keep it, send it. Raises AttestationError for what is certain
        to be refused: then no place is taken."""
        self.context.about_suspension = isinstance(body, SuspendAccount)
        prepared = self.saying.prepare(type_, body, self.context)
        with sending(self.kept.path(self.acting.stream, prepared.seq)):
            return self.saying.submit(prepared)

    def unlogged(self, wanted: _B) -> _B | None:
        """The same act as it was signed last, where its answer was lost and the log has not got it: signed anew it
        would be another operation, and might be carried out twice. None where there is none that may still count."""
        stream, last = self.acting.stream, self.kept.last_seq(self.acting.stream)
        entry = self.kept.read(stream, last) if last else None
        if entry is None or last <= self.client.stream(self.held.card.identifier, stream).last_seq:
            return None
        body = examine(entry, self.trust.log).body
        if not isinstance(body, type(wanted)) or _act(body) != _act(wanted):
            return None
        deadline = getattr(body, "deadline", None)
        return body if deadline is None or parse_instant(deadline) > self.context.now else None

    def on_its_way(self, wanted: Body) -> Operation | None:
        """The same act as this key signed it here before, where the log has it and the contract has not said its word:
        signed anew it would be carried out twice. None where none is known."""
        stream = self.acting.stream
        for seq in range(self.kept.last_seq(stream), 0, -1):
            entry = self.kept.read(stream, seq)
            if entry is None:
                continue
            body = examine(entry, self.trust.log).body
            if not isinstance(body, type(wanted)) or _act(body) != _act(wanted):
                continue
            deadline, op_id = getattr(body, "deadline", None), getattr(body, "op_id", None)
            # After its deadline no contract takes it: so nobody is asked about a key's whole past.
            if op_id is None or (deadline is not None and parse_instant(deadline) <= self.context.now):
                continue
            try:
                found = self.client.operation(op_id)
            except RefusedByService as refused:
                # The log never took that statement.
                if refused.status in _NOT_TOLD:
                    continue
                raise
            if not found.settled:
                return found
        return None

    def accepted_since(self, wanted: Body, since: int) -> tuple[Entry, Operation] | None:
        """The last same act that the log took into this stream from ``since`` on (unix seconds), whoever's machine
        signed it, and what became of it; None where there is none, or the contract refused it: then nothing moved."""
        holder, stream = self.held.card.identifier, self.acting.stream
        last = self.client.stream(holder, stream).last_seq
        for seq in range(last, max(0, last - _MOST_LOOKED_AT), -1):
            entry = self.client.entry_at(holder, stream, seq)
            if entry is None:
                continue
            if entry.accepted_at < since:
                break
            body = examine(entry.entry.encode("ascii"), self.trust.log).body
            if not isinstance(body, type(wanted)) or _act(body) != _act(wanted):
                continue
            found = self.client.operation(str(_members(body)["op_id"]))
            if found.state != "refused":
                return entry, found
        return None

    def result(
        self,
        accepted: Acceptance,
        operations: Sequence[bytes],
        members: Mapping[str, object],
        english: str,
        chinese: str,
        *,
        asked: tuple[str, str] | None = None,
        then: tuple[str, str] = ("", ""),
    ) -> None:
        """Wait as asked, and print what was done with the state of its ``operations``; the exit code is 3 where it was
        not reached in time. Raises OperationRefused with the contract's reason for one that it refused.

        ``asked``: said instead, in English and Chinese, until it is on chain; ``then``: what to do until it is known.
        """
        state = None
        if self.acting.wait:
            state = await_operations(
                self.client, accepted.index, operations, wait=self.acting.wait, until=self.acting.until
            )
        if asked is not None and (state is None or not settled(state, "mined")):
            # Nothing has moved yet, and the contract may still refuse it.
            english, chinese = asked
        known = state is not None and settled(state, self.acting.until)
        after, after_zh = ("", "") if known else then
        console().result(
            {
                **members,
                "index": accepted.index,
                "statement_id": accepted.statement_id,
                "repeated": accepted.repeated,
                "promise": accepted.promise,
                "operations": [each.hex() for each in operations],
                "state": state,
            },
            f"{english}: entry {accepted.index}{'' if state is None else f', {state}'}{after}",
            f"{chinese}：第 {accepted.index} 条记录{'' if state is None else f'，{STATES_ZH[state]}'}{after_zh}",
        )
        if not settled(state, self.acting.until):
            # The answer is given; scripts see by the code that the chain has not said its word.
            click.get_current_context().exit(ExitCode.UNAVAILABLE)


def _act(body: Body) -> dict[str, object]:
    return {name: value for name, value in _members(body).items() if name not in _OF_ONE_SIGNING}


def _members(body: Body) -> dict[str, object]:
    return {name: getattr(body, name) for name in body.__struct_fields__}
