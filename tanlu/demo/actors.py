"""Who acts in the demo: holders of keys who sign, submit, and are refused where they must be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from attestation.keys import PrivateKey
from attestation.statements import Body, build
from attestation.typed_data import Domain
from ledger.trust import Trust
from tanlu.assets import SignedMessage, domain_of
from tanlu.client import Acceptance, Client
from tanlu.errors import RefusedByService, TanluError

_DUE_SECONDS = 60.0
_PAUSE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Holder:
    """An identifier with its private key, held by the demo as its owner would hold it."""

    identifier: str
    key: PrivateKey


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody signed, and how the log took it."""

    entry: bytes
    acceptance: Acceptance

    @property
    def statement_id(self) -> str:
        """Lowercase hex, as statements cite it."""
        return self.acceptance.statement_id

    @property
    def leaf(self) -> bytes:
        """The entry's leaf hash, 32 bytes."""
        return bytes.fromhex(self.acceptance.leaf_hash)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was tried and how the service refused it."""

    tried: str
    rule: str
    detail: str


class NotRefused(TanluError):
    """The service accepted what it must refuse: the demo stops."""


@dataclass(slots=True)
class Actors:
    """Everybody's keys, and one way to the service. ``say(english, chinese)`` tells what happens.

    ``trust`` names the contracts in whose EIP-712 domains people sign. ``owners``: by identifier, the
    keys that speak for assets.
    """

    client: Client
    log: str
    trust: Trust
    registrar: Holder
    say: Callable[[str, str], None]
    holders: dict[str, Holder] = field(default_factory=dict)
    owners: dict[str, Holder] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    last_index: int = 0
    _seqs: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def registry(self) -> Domain:
        """EIP-712 domain of the identifier registry."""
        return self.trust.registry_domain

    @property
    def emissions(self) -> Domain:
        """EIP-712 domain of the emissions registry."""
        if self.trust.emissions_domain is None:
            raise TypeError("a new deployment has an emissions registry")
        return self.trust.emissions_domain

    def domain_of(self, message: SignedMessage) -> Domain:
        """EIP-712 domain of the contract that checks a message."""
        return domain_of(self.trust, message)

    def next_seq(self, holder: Holder, stream: str) -> int:
        """The place of the holder's next statement in the stream."""
        return self._seqs.get((holder.identifier, stream), 0) + 1

    def sign(
        self,
        holder: Holder,
        kind: str,
        stream: str,
        body: Body,
        *,
        seq: int | None = None,
        at: datetime | None = None,
    ) -> bytes:
        """A signed statement at ``seq``, else at the next place, which it does not take yet."""
        return build(
            kind,
            log=self.log,
            iss=holder.identifier,
            key=holder.key,
            iat=int(time.time() if at is None else at.timestamp()),
            stream=stream,
            seq=self.next_seq(holder, stream) if seq is None else seq,
            body=body,
        )

    def keep(self, holder: Holder, stream: str, seq: int) -> None:
        """The stream's places up to ``seq`` are taken."""
        self._seqs[holder.identifier, stream] = seq

    def submit(self, holder: Holder, kind: str, stream: str, body: Body) -> Said:
        """Sign and submit at the stream's next place."""
        seq = self.next_seq(holder, stream)
        entry = self.sign(holder, kind, stream, body, seq=seq)
        said = Said(entry, self.client.enrol(entry) if kind == "key" else self.client.submit(entry))
        self.keep(holder, stream, seq)
        self.last_index = max(self.last_index, said.acceptance.index)
        return said

    def submit_when_due(self, holder: Holder, kind: str, stream: str, body: Body, early: str) -> Said:
        """:meth:`submit`, again while the log answers with the rule ``early``: nobody read the chain since."""
        deadline = time.monotonic() + _DUE_SECONDS
        while True:
            try:
                return self.submit(holder, kind, stream, body)
            except RefusedByService as refused:
                if refused.problem.get("rule") != early or time.monotonic() > deadline:
                    raise
            time.sleep(_PAUSE_SECONDS)

    def expect_refusal(self, tried: str, tried_zh: str, entry: bytes) -> None:
        """Submit what must be refused, and keep how it was. Raises NotRefused."""
        try:
            self.client.submit(entry)
        except RefusedByService as refused:
            rule = str(refused.problem.get("rule", ""))
            detail = str(refused.problem.get("detail", refused))
            self.refusals.append(Refusal(tried, rule, detail))
            chinese = str(refused.problem.get("message_zh", detail))
            self.say(
                f"refused, as it must be: {tried}\n    {rule}: {detail}",
                f"已按规则拒绝：{tried_zh}\n    {rule}：{chinese}",
            )
            return
        raise NotRefused(
            rule="demo.accepted",
            value=tried,
            expected="a refusal",
            message=f"The service accepted: {tried}.",
            message_zh=f"服务接受了：{tried_zh}。",
        )
