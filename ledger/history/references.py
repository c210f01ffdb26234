"""From what people hold in hand to log positions: the hash of an order, an operation, a serial, somebody's name.

Each function gives the positions of all entries that brought the thing, changed it or ended it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.chain.operations import Kind
from ledger.db.admission_models import AccreditationRow
from ledger.db.asset_operation_models import AssetOperationRow, OffsetSerialsRow
from ledger.db.case_models import GreenCertificateRow
from ledger.db.chain_models import OutboxRow
from ledger.db.device_models import DeviceEventRow
from ledger.db.market_models import (
    MarketAuctionRow,
    MarketCommitmentRow,
    MarketFillRow,
    MarketOperationRow,
    MarketOrderRow,
)
from ledger.db.quota_models import AllocationRow

_Position = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
_NUMBERED = re.compile(r"(?:(.+)[ /:#-])?([0-9]{1,18})")
"""A number of a series: ``SERIES 17``, ``SERIES-17``, ``SERIES/17``, or the number alone."""


def of_order(session: Session, order: bytes) -> set[int]:
    """Of an order, by its hash (32 bytes): its placing, its end, every fill and acceptance of it, its auction."""
    row, bid, lot, fill, asked = (
        MarketOrderRow,
        MarketCommitmentRow,
        MarketAuctionRow,
        MarketFillRow,
        MarketOperationRow,
    )
    return _positions(
        session,
        (row.entry_index, or_(row.order_hash == order, row.accepts == order)),
        (row.ended_index, row.order_hash == order),
        (fill.cause, or_(fill.buy == order, fill.sell == order)),
        (asked.entry_index, asked.order_hash == order),
        (bid.entry_index, bid.commitment == order),
        (bid.revealed_index, bid.commitment == order),
        (lot.entry_index, lot.order_hash == order),
        (lot.cleared_index, lot.order_hash == order),
    )


def of_operation(session: Session, op_id: bytes) -> set[int]:
    """Of an operation, by its id (32 bytes): who asked for it, and who changed what it made (a freeze, a withdrawal, an
    auction, a run)."""
    units, asked, lot, bid = AssetOperationRow, MarketOperationRow, MarketAuctionRow, MarketCommitmentRow
    return _positions(
        session,
        (OutboxRow.position, (OutboxRow.op_id == op_id) & (OutboxRow.kind != Kind.ANCHOR.value)),
        (units.entry_index, or_(units.op_id == op_id, units.freeze == op_id)),
        (asked.entry_index, or_(asked.op_id == op_id, asked.withdrawal == op_id)),
        (MarketFillRow.cause, MarketFillRow.op_id == op_id),
        (AllocationRow.entry_index, AllocationRow.op_id == op_id),
        (lot.entry_index, lot.op_id == op_id),
        (lot.cleared_index, lot.op_id == op_id),
        (bid.entry_index, bid.auction == op_id),
        (bid.revealed_index, bid.auction == op_id),
        (MarketOrderRow.entry_index, MarketOrderRow.auction == op_id),
    )


def of_serial(session: Session, serial: str) -> set[int]:
    """Of a serial: CCER by series, number or cancellation, a green certificate, an accreditation, a meter by its
    identifier."""
    brought, units, meter = OffsetSerialsRow, AssetOperationRow, DeviceEventRow
    named: list[ColumnElement[bool]] = [brought.series == serial, brought.cancellation == serial]
    numbered = _NUMBERED.fullmatch(serial)
    if numbered is not None:
        number = int(numbered[2])
        within = (brought.first_serial <= number) & (brought.last_serial >= number)
        named.append(within if numbered[1] is None else within & (brought.series == numbered[1]))
    offsets = select(brought.op_id).where(or_(*named))
    return _positions(
        session,
        (units.entry_index, units.op_id.in_(offsets)),
        (GreenCertificateRow.entry_index, GreenCertificateRow.serial == serial),
        (AccreditationRow.entry_index, AccreditationRow.number == serial),
        (meter.entry_index, or_(meter.device == serial, meter.replaced_by == serial)),
    )


def of_account(session: Session, identifier: str) -> set[int]:
    """Of an account, by its holder's identifier: what was asked of its units and its cash, its orders, and the entries
    that filled them."""
    units, asked, row, fill = AssetOperationRow, MarketOperationRow, MarketOrderRow, MarketFillRow
    return _positions(
        session,
        (units.entry_index, or_(units.account == identifier, units.receiver == identifier)),
        (asked.entry_index, asked.account == identifier),
        (row.entry_index, row.account == identifier),
        (row.ended_index, row.account == identifier),
        (fill.cause, or_(fill.buyer == identifier, fill.seller == identifier)),
        (MarketCommitmentRow.entry_index, MarketCommitmentRow.account == identifier),
        (MarketAuctionRow.entry_index, MarketAuctionRow.seller == identifier),
    )


def _positions(session: Session, *named: tuple[_Position, ColumnElement[bool]]) -> set[int]:
    found: Iterable[int | None] = (
        index for position, condition in named for index in session.scalars(select(position).where(condition))
    )
    return {index for index in found if index is not None}
