"""What the log would refuse of an act, said before two persons are asked to approve it.

The rules of acceptance themselves judge it, with approvals that stand for those to come: of its form where nobody is
asked (``Unasked``), of accounts, balances and deadlines too with what a service says (``AssetContext``).
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import NoReturn, Protocol, cast

from msgspec.structs import replace

from attestation.bodies import MAX_SEQ, Approval, AssetStep, Body
from attestation.context import Context, KeyRecord
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.judging.asset_steps import judge_asset_step
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.statements import build
from attestation.typed_data import Domain
from ledger.trust import Trust
from tanlu.client.service_context import SKEW_SECONDS, Untold
from tanlu.proposals import Proposal

_STREAM = "foreseen"
_TO_COME = tuple(Approval(identifier=f"0.0.0/{name}", signature="0x" + "00" * 64) for name in ("A", "B"))
_OF_APPROVALS = "approval."


class Clock(Protocol):
    """What every context knows: the time by which it judges, in unix seconds."""

    @property
    def now(self) -> int: ...


class Unasked:
    """A log of which nothing is told but what the trust file says; ``now`` is this machine's clock."""

    def __init__(self, trust: Trust) -> None:
        self.origin = trust.log
        self.now = int(time.time())
        self.skew = SKEW_SECONDS
        self.ledger_domain: Domain | None = trust.ledger_domain
        self.compliance_domain: Domain | None = trust.compliance_domain

    def __getattr__(self, name: str) -> NoReturn:
        """Everything else."""
        raise Untold(name)


def foresee(proposal: Proposal, trust: Trust, context: Clock) -> None:
    """Judge the act as the log will, but for its approvals. Raises AttestationError."""
    body: Body = proposal.body
    if hasattr(body, "approvals"):
        body = replace(body, approvals=_TO_COME)
    # Whoever proposes need not hold the registrar's key: no signature is judged here.
    anybody = PrivateKey.generate(Algorithm.ED25519)
    entry = build(
        proposal.type,
        log=trust.log,
        iss=trust.registrar_identifier,
        key=anybody,
        iat=context.now,
        stream=_STREAM,
        seq=MAX_SEQ,
        body=body,
    )
    statement = examine(entry, trust.log)
    record = KeyRecord(trust.registrar_identifier, anybody.public, Purpose.ADMINISTRATION, 0, None)
    with suppress(Untold):
        try:
            judge_asset_step(statement, cast(AssetStep, statement.body), record, cast(Context, context))
        except AttestationError as error:
            # The approvals are judged last: whatever else is wrong was said before.
            if not error.rule.startswith(_OF_APPROVALS):
                raise
