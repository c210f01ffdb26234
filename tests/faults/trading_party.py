"""Who takes part in the market of a kill round: signs for the log and the exchange, until it is acknowledged."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from attestation.bodies import Approval
from attestation.market_operations import holder_message, order_message
from attestation.statements import Body
from attestation.typed_data import Domain, sign_compact_digest
from attestation.typed_message import TypedStruct
from tests.faults.client_log import ClientLog
from tests.faults.signers import Signer
from tests.faults.submitting import Submitter

MAY_REFUSE = frozenset(
    {
        "account.suspended",
        "asset.balance",
        "auction.bound",
        "auction.commit",
        "auction.early",
        "auction.maximum",
        "auction.open",
        "auction.reveal",
        "auction.window",
        "cash.balance",
        "market.band",
        "market.closed",
        "market.closing",
        "market.differs",
        "market.halted",
        "market.mode",
        "order.accepts",
        "order.cash",
        "order.ended",
        "order.epoch",
        "order.expired",
        "order.units",
        "session.figures",
        "session.root",
        "withdrawal.unknown",
        "withdrawal.unlocked",
        "withdrawal.done",
    }
)
"""What a good statement may meet where others trade too, days end, and a chain forgot what was on it."""


@dataclass
class Party:
    """A signer with its own way to the service; one thread uses it. `own_log` is the trading client's; `epochs`, by
    identifier, is shared by all parties of an account."""

    signer: Signer
    way: Submitter
    exchange: Domain
    own_log: ClientLog
    signed: Counter[str]
    epochs: Counter[str]
    stream: str = "trading"
    _seqs: Counter[str] = field(default_factory=Counter)

    @property
    def identifier(self) -> str:
        """Whose word it is."""
        return self.signer.identifier

    def say(self, kind: str, body: Body) -> str | None:
        """Sign and submit; the rule that refused it, whose place the next one takes. None: it is in the log."""
        stream = f"{kind}-{self.stream}"
        entry = self.signer.sign(kind, stream, self._seqs[stream] + 1, body)
        rule = self.way.one(entry, may_refuse=MAY_REFUSE)
        if rule is None:
            self._seqs[stream] += 1
            self.signed[kind] += 1
            order = getattr(body, "salt", None)
            if order is not None:
                own_id = hashlib.sha256(entry.rpartition(b".")[0]).hexdigest()
                self.own_log.append([{"kind": "order", "order": self.hash_of(body), "statement_id": own_id}])
        return rule

    def order(self, body: Any) -> str | None:
        """Sign an ``order`` body for the exchange, then as :meth:`say`."""
        return self.say("order", replace(body, signature=self._signature(self._digest(body))))

    def hash_of(self, body: Any) -> str:
        """What a placed order is known by."""
        return self._digest(body).hex()

    def _digest(self, body: Any) -> bytes:
        placed = hasattr(body, "salt")
        message: TypedStruct = order_message(body, self.identifier) if placed else holder_message(body, self.identifier)
        return message.digest(self.exchange)

    def _signature(self, digest: bytes) -> str:
        return f"0x{sign_compact_digest(digest, self.signer.key).hex()}"


def approved(body: Any, message: TypedStruct, domain: Domain, persons: Sequence[Signer]) -> Any:
    """The body with the word of two persons (DOMAIN 23)."""
    digest = message.digest(domain)
    return replace(
        body,
        approvals=tuple(
            Approval(identifier=one.identifier, signature=f"0x{sign_compact_digest(digest, one.key).hex()}")
            for one in persons
        ),
    )


def operation() -> str:
    """A new operation id."""
    return secrets.token_hex(32)
