"""Reads of notices: rows say which entries, the entries themselves say what was done, why, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from attestation.assets import parse_market_asset
from attestation.bodies import FreezeUnits, SuspendAccount
from attestation.examination import examine
from ledger.chain.operations import Kind
from ledger.context import LogParameters
from ledger.db.account_queries import AccountRepository
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.asset_operations import AssetOperationRepository
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.market_models import MarketOperationRow
from ledger.db.notices import NoticeRepository
from ledger.notices.notice import Notice, Power

NOTICES_SHOWN = 200
"""A page of notices holds at most this many."""

_POWERS: Mapping[str, Power] = MappingProxyType(
    {
        Kind.TRANSFER: Power.TRANSFER,
        Kind.CANCEL_ORDER: Power.CANCEL,
        Kind.FREEZE: Power.FREEZE,
        Kind.FREEZE_AT_ONCE: Power.FREEZE_AT_ONCE,
        Kind.CONFIRM_FREEZE: Power.CONFIRM_FREEZE,
        Kind.LAPSE_FREEZE: Power.LAPSE_FREEZE,
        Kind.RELEASE: Power.RELEASE,
        Kind.SUSPEND: Power.SUSPEND,
        Kind.COLLECT: Power.COLLECT,
        Kind.BIND: Power.BIND,
        Kind.DEPOSIT: Power.REFUND,
        Kind.MARKET_REFERENCE: Power.PRICE,
    }
)


@dataclass(frozen=True, slots=True)
class _Found:
    """An entry that exercised a power, and how its notice is made of it."""

    index: int
    kind: str
    tell: Callable[[Any, dict[str, Any]], Notice]


class NoticeReader:
    """Reads of the notices of one log; every call is one snapshot of the store."""

    def __init__(self, database: Database, parameters: LogParameters) -> None:
        self._database = database
        self._parameters = parameters

    def page(
        self, account: str | None, *, after: int = -1, since: int = 0, limit: int = NOTICES_SHOWN
    ) -> list[Notice] | None:
        """Up to ``limit`` notices to ``account`` (an identifier; None: to everybody) above the log position ``after``,
        of entries accepted at ``since`` (unix seconds) or later, in the order of the log. None for what has no
        account."""
        with self._database.read() as session:
            if account is not None and AccountRepository(session).holder(account) is None:
                return None
            rows, bounds = NoticeRepository(session), {"after": after, "since": since, "limit": limit}
            found = [_Found(row.entry_index, row.kind, _units(row)) for row in rows.over_units(account, **bounds)]
            found += [_Found(row.entry_index, row.kind, _money(row)) for row in rows.over_cash(account, **bounds)]
            if account is None or rows.is_on_market(account):
                found += [_Found(row.entry_index, row.kind, _money(row)) for row in rows.references(**bounds)]
                found += [_Found(index, Kind.HALT_DAY, _halt) for index, _, _ in rows.halts(**bounds)]
            found = sorted(found, key=lambda one: one.index)[:limit]
            states = rows.states([one.index for one in found])
            return [self._notice(session, one, states.get((one.index, one.kind))) for one in found]

    def _notice(self, session: Session, found: _Found, state: str | None) -> Notice:
        entry = EntryRepository(session).require(found.index)
        statement = examine(entry.entry, self._parameters.origin)
        body = statement.body
        approvals = getattr(body, "approvals", None) or ()
        op_id = getattr(body, "op_id", None)
        said: dict[str, Any] = {
            "index": found.index,
            "at": entry.accepted_at,
            "issuer": statement.iss,
            "approvers": tuple(sorted(one.identifier for one in approvals)),
            "op_id": None if op_id is None else bytes.fromhex(op_id),
            "state": state,
            "reason": getattr(body, "reason", None),
            "document_hash": getattr(body, "document_hash", None),
        }
        if isinstance(freeze := getattr(body, "freeze", None), str):
            said["freeze"] = bytes.fromhex(freeze)
            if said["document_hash"] is None:
                said |= self._of_freeze(session, said["freeze"])
        return found.tell(body, said)

    def _of_freeze(self, session: Session, op_id: bytes) -> dict[str, Any]:
        """What a confirmation or an end repeats of the freeze, which it names and does not spell out."""
        row = AssetOperationRepository(session).freeze_as_signed(op_id)
        freeze = examine(EntryRepository(session).require(row.entry_index).entry, self._parameters.origin).body
        if not isinstance(freeze, FreezeUnits):
            raise LookupError(f"entry {row.entry_index} is no freeze")
        return {"reason": freeze.reason, "document_hash": freeze.document_hash, "tonnes": freeze.tonnes}


def _units(row: AssetOperationRow) -> Callable[[Any, dict[str, Any]], Notice]:
    def tell(body: Any, said: dict[str, Any]) -> Notice:
        power = _POWERS[row.kind]
        if isinstance(body, SuspendAccount) and not body.suspended:
            power = Power.RESUME
        if row.kind in (Kind.FREEZE, Kind.FREEZE_AT_ONCE):
            said["freeze"] = row.op_id
        if row.tonnes is not None:
            said["tonnes"] = row.tonnes
        if row.kind == Kind.TRANSFER:
            said |= {"sender": row.account, "receiver": row.receiver}
            if (reverses := _reversed(row)) is not None:
                power, said["reverses"] = Power.REVERSAL, reverses
        accounts = tuple(one for one in (row.account, row.receiver) if one is not None)
        return Notice(power=power, accounts=accounts, asset=row.asset, **said)

    return tell


def _money(row: MarketOperationRow) -> Callable[[Any, dict[str, Any]], Notice]:
    def tell(_body: Any, said: dict[str, Any]) -> Notice:
        accounts = () if row.account is None else (row.account,)
        # Cash is no asset that anybody holds units of.
        asset = row.asset if row.kind == Kind.MARKET_REFERENCE else None
        said["reverses"] = _reversed(row)
        return Notice(power=_POWERS[row.kind], accounts=accounts, asset=asset, fen=row.amount, **said)

    return tell


def _halt(body: Any, said: dict[str, Any]) -> Notice:
    power = Power.HALT if body.action == "halt" else Power.RESUME_MARKET
    return Notice(power=power, accounts=(), asset=parse_market_asset(body.asset), day=body.day, **said)


def _reversed(row: AssetOperationRow | MarketOperationRow) -> bytes | None:
    """The operation of the trade that a row undoes."""
    reverses = (row.details or {}).get("reverses")
    return None if reverses is None else bytes.fromhex(reverses)
