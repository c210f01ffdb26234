"""The emissions registry is told of verifiers, ties and figures, where there is one (docs/chain.md)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ledger.chain import outbox
from ledger.chain.emission_intents import EmissionIntent
from ledger.context import LedgerContext


def tell_emissions(session: Session, context: LedgerContext, intent: EmissionIntent) -> None:
    """Have the emissions registry told what an entry says; nothing without a chain, or where it has no such contract.

    Called once per entry that establishes it, in the order of the log, in the transaction that accepts it. A tie that
    was told before is not told again, whoever is named first.
    """
    if context.emissions_domain is not None:
        outbox.enqueue_emission(session, context.parameters.deployment_id, intent, now=context.now)
