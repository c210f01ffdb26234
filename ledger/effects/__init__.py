"""What an accepted entry establishes, written in the transaction that accepts it: one file per family."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.bodies import Admission, AssetStep, CaseStep, DeviceEvent, Label, MarketStep, Opening
from attestation.statements import Close, Key, Loss, Policy, Reading, Statement
from ledger.context import LedgerContext
from ledger.effects.admissions import record_admission
from ledger.effects.asset_steps import record_asset_step
from ledger.effects.cases import record_case_step
from ledger.effects.devices import record_device
from ledger.effects.keys import record_action
from ledger.effects.labels import record_label
from ledger.effects.losses import record_loss
from ledger.effects.market_steps import record_market_step
from ledger.effects.openings import record_opening
from ledger.effects.policies import record_policy
from ledger.effects.reports import record_report

__all__ = ["apply"]


def apply(session: Session, context: LedgerContext, statement: Statement, index: int) -> None:
    """Write what the entry at ``index`` establishes. Readings and closes establish nothing beyond their own row."""
    body = statement.body
    if isinstance(body, Reading | Close):
        return
    context.flush()
    if isinstance(body, Key):
        record_action(session, context, statement, body, index)
    elif isinstance(body, Loss):
        record_loss(context, body, index)
    elif isinstance(body, DeviceEvent):
        record_device(context, body, index)
    elif isinstance(body, Admission):
        record_admission(session, context, statement, body, index)
    elif isinstance(body, Opening):
        record_opening(context, statement, body, index)
    elif isinstance(body, Label):
        record_label(context, statement, body, index)
    elif isinstance(body, Policy):
        record_policy(context, body, index)
    elif isinstance(body, AssetStep):
        record_asset_step(session, context, statement, body, index)
    elif isinstance(body, MarketStep):
        record_market_step(session, context, statement, body, index)
    elif isinstance(body, CaseStep):
        record_case_step(session, context, statement, body, index)
    else:
        record_report(context, statement, body, index)
