"""What the log would refuse of an act, said before two persons are asked to approve it.

The rules of acceptance themselves judge it, with approvals that stand for those to come: of its form where nobody is
asked (``Unasked``), of accounts, balances and deadlines too with what a service says (``AssetContext``), and of what
no service says by the log itself.
"""

from __future__ import annotations

import time
from typing import NoReturn, Protocol, cast

from msgspec.structs import replace

from attestation.bodies import Approval, AssetStep, Body, CashAction, MarketAction, MarketStep
from attestation.context import Context
from attestation.errors import AttestationError
from attestation.foresight import NO_SIGNATURE, unsigned
from attestation.judging.asset_steps import judge_asset_step
from attestation.judging.market_steps import judge_market_step
from attestation.typed_data import Domain
from ledger.trust import Trust
from tanlu.client.service_context import SKEW_SECONDS, Untold
from tanlu.errors import RefusedByService
from tanlu.proposals import Proposal

_TO_COME = tuple(Approval(identifier=f"0.0.0/{name}", signature=NO_SIGNATURE) for name in ("A", "B"))
_OF_APPROVALS = "approval."


class Clock(Protocol):
    """What every context knows: the time by which it judges, in unix seconds."""

    @property
    def now(self) -> int: ...

    def judge_untold(self, type_: str, body: Body, /) -> None:
        """Have the log judge what needs facts that were not told. Raises RefusedByService."""


class Unasked:
    """A log of which nothing is told but what the trust file says; ``now`` is this machine's clock."""

    def __init__(self, trust: Trust) -> None:
        self.origin = trust.log
        self.now = int(time.time())
        self.skew = SKEW_SECONDS
        self.ledger_domain: Domain | None = trust.ledger_domain
        self.compliance_domain: Domain | None = trust.compliance_domain
        self.exchange_domain: Domain | None = trust.exchange_domain

    def judge_untold(self, _type: str, _body: Body, /) -> None:
        """Nobody is asked."""

    def __getattr__(self, name: str) -> NoReturn:
        """Everything else."""
        raise Untold(name)


def foresee(proposal: Proposal, trust: Trust, context: Clock) -> None:
    """Judge the act as the log will, but for its approvals. Raises AttestationError, and RefusedByService for what the
    log itself was asked."""
    body: Body = proposal.body
    if hasattr(body, "approvals"):
        body = replace(body, approvals=_TO_COME)
    # Whoever proposes need not hold the registrar's key: no signature is judged here.
    issuer = trust.registrar_identifier
    statement, record = unsigned(proposal.type, body, issuer=issuer, origin=trust.log, now=context.now)
    try:
        try:
            if isinstance(statement.body, MarketAction | CashAction):
                judge_market_step(statement, cast(MarketStep, statement.body), record, cast(Context, context))
            else:
                judge_asset_step(statement, cast(AssetStep, statement.body), record, cast(Context, context))
        except Untold:
            context.judge_untold(proposal.type, body)
    except (AttestationError, RefusedByService) as refused:
        # The approvals are judged last: whatever else is wrong was said before.
        if not refused.rule.startswith(_OF_APPROVALS):
            raise
