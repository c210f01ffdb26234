"""What became of an operation: what an entry asked of the contracts, from the outbox until it is final or refused."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from attestation.errors import shorten
from ledger.chain.asset_intents import asset_intent
from ledger.chain.operations import ASSET_KINDS, Kind
from ledger.chain.outbox import State
from ledger.chain.refusal_words import Refusal, accounts_in, refusal_in
from ledger.chain.rpc import BlockRef
from ledger.db.account_queries import AccountRepository
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.subjects import about


@dataclass(frozen=True, slots=True)
class AskingEntry:
    """The entry that asked for an operation: log position, leaf hash (32 bytes), type, signer, and whom it is about."""

    index: int
    leaf_hash: bytes
    type: str
    issuer: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation (``op_id``: 32 bytes) and its state; ``entry`` is None for an anchor, which no entry asks for.

    ``refusal``: why the contract took no such call, when it was asked last; final where the state is ``refused``.
    ``note``: why it does not move otherwise. ``tx``: the last transaction that this ledger signed for it, ``block``
    where its effect was seen. ``accounts``: whom an operation about units is about, by account id (None for other
    kinds), ``holders``: those of them that the registry on chain knows, by identifier. Instants are unix seconds.
    """

    op_id: bytes
    kind: Kind
    state: State
    entry: AskingEntry | None
    refusal: Refusal | None
    note: str | None
    tx: bytes | None
    block: BlockRef | None
    attempts: int
    created_at: int
    updated_at: int
    accounts: frozenset[bytes] | None
    holders: tuple[str, ...]


class OperationReader:
    """Reads of operations; every call is one snapshot of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def operation(self, op_id: bytes) -> OperationView | None:
        """The operation of this id, or None."""
        with self._database.read() as session:
            # Of two of one id, what was asked about units is what its holder asks for.
            query = select(OutboxRow).where(OutboxRow.op_id == op_id)
            units_first = query.order_by(OutboxRow.kind.in_(ASSET_KINDS).desc(), OutboxRow.id)
            row = session.scalars(units_first.limit(1)).one_or_none()
            return None if row is None else _view(session, row)


def _view(session: Session, row: OutboxRow) -> OperationView:
    kind, reason = Kind(row.kind), row.last_error or ""
    refusal = refusal_in(reason, AccountRepository(session).names(set(accounts_in(reason))))
    mined = row.block_number is not None and row.block_hash is not None
    accounts = _accounts(kind, row.payload) if kind in ASSET_KINDS else None
    return OperationView(
        row.op_id,
        kind,
        State(row.state),
        None if kind is Kind.ANCHOR else _entry(session, row.position),
        refusal,
        None if refusal is not None or not reason else shorten(reason),
        row.tx_hash,
        BlockRef(row.block_number or 0, row.block_hash or b"") if mined else None,
        row.attempts,
        row.created_at,
        row.updated_at,
        accounts,
        tuple(sorted(AccountRepository(session).names(accounts or ()).values())),
    )


def _entry(session: Session, index: int) -> AskingEntry | None:
    entries = EntryRepository(session)
    row = entries.entry(index)
    if row is None:
        return None
    issuer = entries.require_stream(row.stream_id).issuer
    return AskingEntry(index, row.leaf_hash, row.type, issuer, about(session, row.type, index))


def _accounts(kind: Kind, payload: str) -> frozenset[bytes]:
    intent = asset_intent(kind, json.loads(payload))
    # Parties are accounts, and what else has an order of its own: runs and freezes by their ids, years, scores.
    parties = {bytes.fromhex(party) for party in intent.parties if _is_word(party)}
    account = getattr(intent, "account", None)
    return frozenset(parties | ({account} if isinstance(account, bytes) else set()))


def _is_word(party: str) -> bool:
    return len(party) == 64 and all(character in "0123456789abcdef" for character in party)
