"""Acts about units: what two persons approve, what holders sign, and when the contracts have taken it."""

from __future__ import annotations

import hashlib
import time
from typing import Any, TypeVar

from msgspec.structs import replace

from attestation.assets import CCER, format_asset, quota_of
from attestation.bodies import Body, Intent
from attestation.signed_operations import intent_message
from attestation.typed_data import sign_compact_digest
from tanlu import assets
from tanlu.demo import inputs, two_persons
from tanlu.demo.actors import Actors, Holder, Said
from tanlu.errors import TanluError

HOLDINGS = "holdings"
INTENTS = "intents"
QUOTA, OFFSETS = format_asset(quota_of(inputs.YEAR)), format_asset(CCER)
_CHAIN_SECONDS = 90.0
_PAUSE_SECONDS = 0.25

_I = TypeVar("_I", bound=Intent)


class NotTaken(TanluError):
    """The contract did not take an act in time: the demo stops."""


def document(what: str) -> str:
    """The SHA-256 of a document that an act rests on, in hex."""
    return hashlib.sha256(what.encode()).hexdigest()


def decide(actors: Actors, kind: str, body: Any) -> Said:
    """Submit what a person of the park and one of the regulator approve; returns once the contract has it."""
    said = actors.submit(actors.registrar, kind, HOLDINGS, approved(actors, kind, body))
    settle(actors, body.op_id)
    return said


def approved(actors: Actors, kind: str, body: Any) -> Any:
    """The body with the word of both persons for the contract."""
    message = assets.message_of(kind, body)
    return replace(body, approvals=two_persons.approve(actors, message.digest(actors.domain_of(message))))


def held(actors: Actors, identifier: str) -> int:
    """Tonnes of the year's quota that an account holds on chain."""
    holding = actors.client.account(identifier).holding(QUOTA)
    return holding.registry + holding.trading + holding.frozen


def arrived(actors: Actors, identifier: str, tonnes: int) -> int:
    """:func:`held`, once it is at least ``tonnes``. Raises NotTaken."""
    deadline = time.monotonic() + _CHAIN_SECONDS
    while (found := held(actors, identifier)) < tonnes:
        if time.monotonic() > deadline:
            raise not_taken(f"{identifier} holds {found} t", f"{tonnes} t")
        time.sleep(_PAUSE_SECONDS)
    return found


def signed(actors: Actors, identifier: str, body: _I) -> _I:
    """The intent with its holder's word for the contract."""
    return signed_by(actors, actors.owners[identifier], body)


def signed_by(actors: Actors, owner: Holder, body: _I) -> _I:
    """:func:`signed` with a key of the holder's that may be no good any more."""
    message = intent_message(body, owner.identifier)
    digest = message.digest(actors.domain_of(message))
    return replace(body, signature=f"0x{sign_compact_digest(digest, owner.key).hex()}")


def intend(actors: Actors, identifier: str, body: Intent) -> Said:
    """Submit what a holder does with its own units; returns once the contract has it."""
    said = actors.submit(actors.owners[identifier], "intent", INTENTS, signed(actors, identifier, body))
    settle(actors, body.op_id)
    return said


def refuse(actors: Actors, identifier: str, body: Intent, tried: str, tried_zh: str) -> None:
    """Submit an intent that must be refused."""
    statement: Body = signed(actors, identifier, body)
    actors.expect_refusal(tried, tried_zh, actors.sign(actors.owners[identifier], "intent", INTENTS, statement))


def settle(actors: Actors, op_id: str) -> None:
    """Wait until the contract took the operation. Raises OperationRefused with its reason, NotTaken."""
    found = actors.client.operation(op_id, wait=_CHAIN_SECONDS).require_taken()
    if not found.settled:
        raise not_taken(f"{found.kind} {op_id}: {found.state}", "on chain")


def not_taken(value: str, expected: str) -> NotTaken:
    """The error for what the contract did not do in time."""
    return NotTaken(
        rule="demo.operation",
        value=value,
        expected=f"{expected} within {_CHAIN_SECONDS:.0f} s",
        message="The contract did not take an operation in time.",
        message_zh="合约未及时执行操作。",
    )
