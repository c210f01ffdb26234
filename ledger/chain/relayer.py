"""Makes the chain hold what the outbox asks for, each effect exactly once, whatever crashes or is forgotten.

One round (:meth:`Relayer.step`):

1. hold the relayer's lease
2. the contracts are there, or are deployed (again)
3. the projection reads the chain: rolls back what is gone, marks what took effect
4. transactions on their way are reviewed: lost ones sent again, stuck ones with a higher fee, dead ones given up
5. waiting intents become signed transactions, stored before they are sent
6. what the contract refuses in a final block is refused

A crash between storing and sending leaves a transaction that step 4 sends; a crash after sending, one that step 3 or 4
finds. A nonce takes effect once, an operation id is consumed once, a size is anchored once: sending again is harmless.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from eth_account.signers.local import LocalAccount
from sqlalchemy.orm import Session

from ledger.chain import outbox, outbox_batches
from ledger.chain.answer import Answer, Call, Impossible, Wait
from ledger.chain.calls import CallBuilder, ProofSource
from ledger.chain.contracts import Deployment, known_errors
from ledger.chain.deploy import is_deployed
from ledger.chain.errors import ContractRefused, RequestRefused
from ledger.chain.finality import Finality
from ledger.chain.flight import Flight
from ledger.chain.lease import Lease
from ledger.chain.manifest import Manifest, Shipment, unaccompanied
from ledger.chain.operations import Kind
from ledger.chain.ordering import LOOKED_AT, LogOrder, anything_waits, stolen_keys, waiting
from ledger.chain.party_order import signing_domains
from ledger.chain.reverts import judge_revert, lacks_role
from ledger.chain.rounds import RelayerSettings, StepReport
from ledger.chain.rpc import BlockRef, Rpc, address_text
from ledger.chain.signing import SignedTransaction, account_address, current_fee, sign
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.market import withdrawals
from ledger.projection import Projection, SyncReport

__all__ = ["Relayer", "RelayerSettings", "StepReport"]

_LOG = logging.getLogger(__name__)


class Relayer:
    """The one sender of chain writes.

    Parameters
    ----------
    database, rpc
        The outbox's database and the chain.
    account
        Signs and pays; the registrar of the deployment. Used for nothing else.
    deploy
        Makes the chain hold the deployment and says where it stands (``ledger.chain.deploy.ensure_deployed``).
    tree_of
        The log's integrated tree in a session (``ledger.view.integrated_tree``).
    finality
        Which block is final.
    holder
        Unique per process start.
    top_up
        Gives the sending account what it lacks, where somebody pays for it (development chains).
    clock
        Unix seconds; the lease goes by the database's clock unless this one is given.
    """

    def __init__(
        self,
        database: Database,
        rpc: Rpc,
        account: LocalAccount,
        *,
        deploy: Callable[[], Deployment],
        tree_of: Callable[[Session], ProofSource],
        finality: Finality,
        holder: str,
        settings: RelayerSettings | None = None,
        top_up: Callable[[], None] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._database = database
        self._rpc = rpc
        self._account = account
        self._address = account_address(account)
        self._deploy = deploy
        self._tree_of = tree_of
        self._finality = finality
        self._settings = settings or RelayerSettings()
        self._top_up = top_up
        self._clock = clock or time.time
        self._lease = Lease("relayer", holder, clock=clock)
        self._deployment: Deployment | None = None
        self._deployed_at: BlockRef | None = None

    def step(self) -> StepReport:
        """One round; safe to call again after any error but an ``Integrity`` one.

        Raises
        ------
        Retryable
            The chain did not answer or moved, or another relayer took over.
        RequestRefused
            The node refused something that is not about one intent.
        Integrity
            Chain, outbox and log contradict one another; nothing further was sent.
        """
        with self._database.write() as session:
            if not self._lease.acquire(session):
                # Whoever has it may deploy again, or lose what was deployed.
                self._deployment = None
                return StepReport(idle=True)
        deployment, deployed = self._deployed()
        synced = self._projection(deployment).sync()
        if synced.rolled_back_to is not None:
            # Roles and funds may be forgotten too, though the contracts are there.
            self._deployment = None
            deployment, deployed = self._deployed()
        flight = Flight(
            self._database,
            self._rpc,
            self._account,
            deployment.chain_id,
            guard=self._lease.check,
            stuck_after=self._settings.stuck_after,
            most=self._settings.max_in_flight,
            clock=self._clock,
        )
        released = flight.review(synced.head)
        shipments, refused, more = self._send_waiting(deployment, flight, synced)
        if flight.starved:
            self._feed()
        sent = sum(len(shipment.rows) for shipment in shipments)
        in_flight = flight.transactions + len(shipments)
        return StepReport(
            False, deployed, synced, sent, released, refused, in_flight, flight.starved, more and sent > 0
        )

    def release(self) -> None:
        """Give the lease back, so that the next relayer need not wait for it to run out."""
        with self._database.write() as session:
            self._lease.release(session)

    def _feed(self) -> None:
        _LOG.warning(
            "the sending account %s cannot pay for what it sends: it has %d wei",
            address_text(self._address),
            self._rpc.balance(self._address),
        )
        if self._top_up is not None:
            self._top_up()

    def _deployed(self) -> tuple[Deployment, bool]:
        head, known, seen = self._rpc.head().ref, self._deployment, self._deployed_at
        # What stood in a block that is on the chain still stands: our contracts cannot be destroyed.
        if (
            known is not None
            and seen is not None
            and (head == seen or self._shows(seen) or is_deployed(self._rpc, known))
        ):
            self._deployed_at = head
            return known, False
        self._deployed_at = None
        self._deployment = self._deploy()
        self._deployed_at = self._rpc.head().ref
        return self._deployment, True

    def _shows(self, block: BlockRef) -> bool:
        found = self._rpc.block(block.number)
        return found is not None and found.ref == block

    def _projection(self, deployment: Deployment) -> Projection:
        return Projection(
            self._database, self._rpc, deployment, self._finality, guard=self._lease.check, clock=self._clock
        )

    def _send_waiting(
        self, deployment: Deployment, flight: Flight, synced: SyncReport
    ) -> tuple[list[Shipment], int, bool]:
        room = self._settings.max_in_flight - flight.transactions
        if room <= 0 or not anything_waits(self._database):
            return [], 0, False
        newest = self._rpc.head()
        head, refused = newest.ref, 0
        manifest = Manifest(room, newest.gas_limit)
        with self._database.read() as session:
            # First: it asks the chain before the session reads anything, so that what is read is not older.
            builder = CallBuilder(self._rpc, deployment, session, self._tree_of, in_flight_size=flight.largest_anchor())
            order = LogOrder(session, flight.rows, signing_domains(deployment), stolen_keys(session))
            rows = list(waiting(session, room))
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
                    refused += self._doubt(row, judged.reason, head, synced.final)
                elif judged.effect is not None:
                    self._found(row, judged.effect)
                elif judged.reason:
                    self._note(row, judged.reason)
                elif row.doubt_number is not None:
                    self._believe(row)
        for shipment, signed in self._store(deployment, flight, manifest.shipments):
            flight.hand_over([row.id for row in shipment.rows], signed)
        return manifest.shipments, refused, more

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

    def _store(
        self, deployment: Deployment, flight: Flight, planned: list[Shipment]
    ) -> list[tuple[Shipment, SignedTransaction]]:
        if not planned:
            return []
        fee, first, now = current_fee(self._rpc), flight.next_nonce(), int(self._clock())
        signed = []
        for nonce, shipment in enumerate(planned, first):
            call = shipment.call
            transaction = sign(
                self._account,
                chain_id=deployment.chain_id,
                nonce=nonce,
                fee=fee,
                gas=call.gas,
                to=call.to,
                data=call.data,
            )
            signed.append((shipment, transaction))
        with self._database.write() as session:
            self._lease.check(session)
            # A long round, of a chain that is slow, keeps its claim.
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
