"""``compliance``: terms, price, assessment, credit and close, as ``Compliance`` is told of them."""

from __future__ import annotations

from dataclasses import fields

from sqlalchemy.orm import Session

from attestation.bodies.compliance import AssessYear, CloseYear, Compliance, CreditExcess, SetPrice, SetTerms
from attestation.identifiers import account_id
from attestation.signed_operations import compliance_message
from attestation.statements import Statement
from ledger.chain.asset_intents import AssessIntent, AssetIntent, CloseIntent, CreditIntent, SignedIntent
from ledger.context import LedgerContext
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.effects.holdings import compact, keep

_COLUMNS = frozenset({"op_id", "year", "document_hash"})
"""Members of a message that the table has columns for."""


def record_compliance(
    session: Session, context: LedgerContext, statement: Statement, body: Compliance, index: int
) -> None:
    """Keep what was set or settled, and have the contract told."""
    entry = (statement.leaf_hash, index)
    row = AssetOperationRow(year=body.year)
    intent: AssetIntent
    match body:
        case SetTerms() | SetPrice():
            message = compliance_message(body)
            row.document_hash = bytes.fromhex(body.document_hash)
            row.details = {
                member.name: getattr(message, member.name) for member in fields(message) if member.name not in _COLUMNS
            }
            intent = SignedIntent(*entry, message, compact(body.approvals))
        case AssessYear():
            row.account = body.enterprise
            intent = AssessIntent(*entry, account_id(body.enterprise), body.year)
        case CreditExcess():
            row.account = body.enterprise
            intent = CreditIntent(*entry, account_id(body.enterprise), body.year)
        case CloseYear():
            row.details = {"accounts": list(body.accounts)}
            intent = CloseIntent(*entry, body.year, tuple(account_id(account) for account in body.accounts))
    keep(session, context, row, intent)
