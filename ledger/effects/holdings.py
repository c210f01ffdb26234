"""``holding``: what it asks of ``CarbonLedger``, and the row that later entries are judged by."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.asset_messages import Freeze
from attestation.assets import CCER, parse_asset, quota_of
from attestation.bodies.holdings import (
    CollectOwed,
    ConfirmFreeze,
    EnterOffsets,
    Holding,
    IssueUnits,
    LapseFreeze,
    ReleaseUnits,
    SuspendAccount,
    TransferUnits,
)
from attestation.identifiers import account_id
from attestation.signed_operations import ApprovedHolding, holding_message
from attestation.statements import Approval, Statement
from ledger.chain.asset_intents import AssetIntent, CollectIntent, LapseFreezeIntent, SignedIntent
from ledger.chain.market_intents import BarIntent
from ledger.context import LedgerContext
from ledger.db.asset_operation_models import AssetOperationRow, OffsetSerialsRow
from ledger.effects.assets import tell_assets
from ledger.effects.endings import end_by_entry
from ledger.effects.exchange import tell_exchange


def record_holding(session: Session, context: LedgerContext, statement: Statement, body: Holding, index: int) -> None:
    """Keep what was ordered, and have the contract told."""
    entry = (statement.leaf_hash, index)
    intent: AssetIntent
    serials = None
    match body:
        case ConfirmFreeze() | LapseFreeze():
            row, intent = _end_of_emergency(context, body, entry)
        case CollectOwed():
            intent = CollectIntent(*entry, account_id(body.account), body.vintage)
            row = AssetOperationRow(account=body.account, asset=quota_of(body.vintage), year=body.vintage)
        case _:
            row, intent = _approved(context, body, entry)
            if isinstance(body, EnterOffsets):
                serials = OffsetSerialsRow(
                    op_id=bytes.fromhex(body.op_id),
                    series=body.series,
                    first_serial=body.first_serial,
                    last_serial=body.last_serial,
                    cancellation=body.cancellation,
                )
    keep(session, context, row, intent, serials)
    if isinstance(body, SuspendAccount):
        _bar(session, context, body, entry)


def keep(
    session: Session,
    context: LedgerContext,
    row: AssetOperationRow,
    intent: AssetIntent,
    serials: OffsetSerialsRow | None = None,
) -> None:
    """Keep an operation's row under the id that the outbox has it by, and ask for it."""
    row.op_id = intent.operation_id(context.parameters.deployment_id)
    row.entry_index, row.kind, row.accepted_at = intent.position, intent.kind.value, context.now
    context.operations.add(row, serials)
    tell_assets(session, context, intent)


def compact(approvals: tuple[Approval, ...] | None) -> tuple[bytes, ...]:
    """The signatures of approvals, 64 bytes each; none where there are none."""
    return tuple(bytes.fromhex(approval.signature[2:]) for approval in approvals or ())


def _bar(session: Session, context: LedgerContext, body: SuspendAccount, entry: tuple[bytes, int]) -> None:
    """Who is suspended trades no more: its orders end, and the exchange is told."""
    if body.suspended:
        end_by_entry(context, context.market.open_orders(account=body.account), "suspended", entry[1])
    tell_exchange(session, context, BarIntent(*entry, account_id(body.account), body.suspended))


def _approved(
    context: LedgerContext, body: ApprovedHolding, entry: tuple[bytes, int]
) -> tuple[AssetOperationRow, AssetIntent]:
    message, signatures = holding_message(body), compact(body.approvals)
    row = AssetOperationRow(document_hash=bytes.fromhex(body.document_hash))
    account = None
    match body:
        case ReleaseUnits():
            freeze = context.operations.freeze_as_signed(bytes.fromhex(body.freeze))
            row.account, row.asset, row.freeze = freeze.account, freeze.asset, freeze.op_id
            account = None if freeze.account is None else account_id(freeze.account)
        case SuspendAccount():
            row.account, row.suspended = body.account, body.suspended
        case TransferUnits():
            row.account, row.receiver, row.asset = body.sender, body.receiver, parse_asset(body.asset)
            row.freeze = None if body.freeze is None else bytes.fromhex(body.freeze)
            row.details = None if body.reverses is None else {"reverses": body.reverses}
        case IssueUnits():
            row.account, row.asset, row.year = body.account, quota_of(body.vintage), body.vintage
        case EnterOffsets():
            row.account, row.asset = body.beneficiary, CCER
        case _:
            row.account, row.asset = body.account, parse_asset(body.asset)
    if not isinstance(body, SuspendAccount):
        row.tonnes = body.tonnes
    return row, SignedIntent(*entry, message, signatures, account=account)


def _end_of_emergency(
    context: LedgerContext, body: ConfirmFreeze | LapseFreeze, entry: tuple[bytes, int]
) -> tuple[AssetOperationRow, AssetIntent]:
    freeze = context.operations.freeze_as_signed(bytes.fromhex(body.freeze))
    if freeze.account is None or freeze.asset is None or freeze.tonnes is None or freeze.document_hash is None:
        raise LookupError(f"the freeze 0x{freeze.op_id.hex()} holds nothing")
    account = account_id(freeze.account)
    row = AssetOperationRow(account=freeze.account, asset=freeze.asset, freeze=freeze.op_id)
    if isinstance(body, LapseFreeze):
        return row, LapseFreezeIntent(*entry, freeze.op_id, account)
    message = Freeze(freeze.op_id, account, freeze.asset, freeze.tonnes, freeze.document_hash)
    return row, SignedIntent(*entry, message, compact(body.approvals), confirms=True)
