"""Waiting intents become signed transactions, stored before they are sent: some at a time, as many as a look takes in.

What is decided of an intent that gets no transaction is noted here too: what the contract refuses, what took effect
already, what it waits for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from sqlalchemy.orm import Session

from ledger.chain import outbox, outbox_batches
from ledger.chain.answer import Answer, Call, Impossible, Wait
from ledger.chain.calls import CallBuilder, ProofSource
from ledger.chain.contracts import Deployment, known_errors
from ledger.chain.errors import ContractRefused, RequestRefused
from ledger.chain.flight import Flight
from ledger.chain.lease import Lease
from ledger.chain.manifest import Manifest, Shipment, unaccompanied
from ledger.chain.operations import Kind
from ledger.chain.ordering import LOOKED_AT, LogOrder, anything_waits, stolen_keys, waiting
from ledger.chain.outbox_waiting import what_waits
from ledger.chain.party_order import signing_domains
from ledger.chain.reverts import judge_revert, lacks_role
from ledger.chain.rpc import BlockRef, Rpc
from ledger.chain.signing import SignedTransaction, account_address, current_fee, sign
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.heap import without_collector
from ledger.market import withdrawals

__all__ = ["Dispatch", "Dispatched"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What one look at what waits did: transactions that are stored and now on their way, how many intents were refused
    for good, whether more waits than was looked at."""

    stored: tuple[tuple[Shipment, SignedTransaction], ...] = ()
    refused: int = 0
    more: bool = False


class Dispatch:
    """Judges, signs and stores for one account on one deployment.

    Parameters
    ----------
    database, rpc, account, deployment, tree_of
        As the relayer's.
    lease
        Checked by every write, and renewed by those that store transactions: a long round keeps its claim.
    clock
        Unix seconds.
    """

    def __init__(
        self,
        database: Database,
        rpc: Rpc,
        account: LocalAccount,
        deployment: Deployment,
        *,
        tree_of: Callable[[Session], ProofSource],
        lease: Lease,
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._rpc = rpc
        self._account = account
        self._address = account_address(account)
        self._deployment = deployment
        self._tree_of = tree_of
        self._lease = lease
        self._clock = clock

    def some(self, flight: Flight, final: BlockRef | None, room: int) -> Dispatched:
        """Make up to ``room`` transactions of what waits; ``final``: the block up to which a refusal is for good."""
        if room <= 0 or not anything_waits(self._database):
            return Dispatched()
        with without_collector():
            manifest, refused, more = self._judged(flight, final, room)
            stored = self._store(flight, manifest.shipments)
        for shipment, transaction in stored:
            flight.took_off(shipment.rows, transaction, shipment.first.grows_to)
        return Dispatched(tuple(stored), refused, more)

    def _judged(self, flight: Flight, final: BlockRef | None, room: int) -> tuple[Manifest, int, bool]:
        newest, refused = self._rpc.head(), 0
        manifest = Manifest(room, newest.gas_limit)
        with self._database.read() as session:
            # First: it asks the chain before the session reads anything, so that what is read is not older.
            builder = CallBuilder(
                self._rpc, self._deployment, session, self._tree_of, in_flight_size=flight.largest_anchor()
            )
            among = what_waits(session)
            order = LogOrder(session, flight.rows, signing_domains(self._deployment), stolen_keys(session, among))
            rows = list(waiting(session, room, among))
            builder.look_ahead(rows)
            tried, more = unaccompanied(rows), len(rows) >= LOOKED_AT
            for row in rows:
                if order.holds(row):
                    continue
                judged = builder.build(row)
                if row.id in tried:
                    judged = self._judge(row, judged, alone=order.alone(row))
                if isinstance(judged, Call) and not manifest.takes(row, judged):
                    more = True
                    break
                order.saw(row, judged)
                if isinstance(judged, Call):
                    manifest.add(row, judged)
                elif isinstance(judged, Impossible):
                    refused += self._doubt(row, judged.reason, newest.ref, final)
                elif judged.effect is not None:
                    self._found(row, judged.effect)
                elif judged.reason:
                    self._note(row, judged.reason)
                elif row.doubt_number is not None:
                    self._believe(row)
        return manifest, refused, more

    def _judge(self, row: OutboxRow, answer: Answer, *, alone: bool) -> Answer:
        """Try a call before it costs gas. While others are on their way, a refusal may mean that they come first."""
        if isinstance(answer, Wait) and row.doubt_number is not None:
            # Not refused as the chain stands: a later refusal is another one, and begins anew.
            self._believe(row)
        if not isinstance(answer, Call):
            return answer
        if answer.grows_to is not None and not alone:
            return answer
        try:
            self._rpc.call(answer.to, answer.data, sender=self._address)
        except RequestRefused as error:
            reason = known_errors().decoded(error)
            if not isinstance(reason, ContractRefused):
                raise
            if lacks_role(reason) and row.last_error != reason.reason:
                _LOG.warning("%s 0x%s waits: %s", row.kind, row.op_id.hex(), reason.reason)
            return judge_revert(Kind(row.kind), answer, reason, alone=alone, now=self._clock())
        return answer

    def _store(self, flight: Flight, planned: list[Shipment]) -> list[tuple[Shipment, SignedTransaction]]:
        if not planned:
            return []
        fee, first, now = current_fee(self._rpc), flight.next_nonce(), int(self._clock())
        signed = []
        for nonce, shipment in enumerate(planned, first):
            call = shipment.call
            transaction = sign(
                self._account,
                chain_id=self._deployment.chain_id,
                nonce=nonce,
                fee=fee,
                gas=call.gas,
                to=call.to,
                data=call.data,
            )
            signed.append((shipment, transaction))
        with self._database.write() as session:
            self._lease.check(session)
            self._lease.acquire(session)
            for shipment, transaction in signed:
                outbox_batches.mark_sent(
                    session, [row.id for row in shipment.rows], self._address, transaction, now=now
                )
        return signed

    def _doubt(self, row: OutboxRow, reason: str, head: BlockRef, final: BlockRef | None) -> bool:
        with self._database.write() as session:
            self._lease.check(session)
            now = int(self._clock())
            terminal = outbox.doubt(session, row.id, reason, head, final, now=now)
            if terminal and row.kind == Kind.SETTLE:
                withdrawals.note_of_fill(session, row.op_id, now=now)
        _LOG.warning("%s 0x%s %s: %s", row.kind, row.op_id.hex(), "is refused" if terminal else "is in doubt", reason)
        return terminal

    def _found(self, row: OutboxRow, effect: BlockRef) -> None:
        with self._database.write() as session:
            self._lease.check(session)
            outbox.mark_mined(session, row.op_id, effect, now=int(self._clock()), kinds=(Kind(row.kind),))

    def _believe(self, row: OutboxRow) -> None:
        with self._database.write() as session:
            self._lease.check(session)
            outbox.clear_doubt(session, row.id)
        row.doubt_number = row.doubt_hash = None

    def _note(self, row: OutboxRow, reason: str) -> None:
        if row.last_error != reason:
            with self._database.write() as session:
                self._lease.check(session)
                outbox.note_error(session, row.id, reason, now=int(self._clock()))
