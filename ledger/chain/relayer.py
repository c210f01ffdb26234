"""Makes the chain hold what the outbox asks for, each effect exactly once, whatever crashes or is forgotten.

One round (:meth:`Relayer.step`):

1. hold the relayer's lease
2. the contracts are there, or are deployed (again)
3. the projection reads the chain: rolls back what is gone, marks what took effect
4. transactions on their way are reviewed: lost ones sent again, stuck ones with a higher fee, dead ones given up
5. waiting intents become signed transactions, stored before they are sent
6. what the contract refuses in a final block is refused

Where more waits than one look takes in, a round takes several: while the node executes what was handed over
(``ledger.chain.courier``), steps 3, 5 and 6 are done for the next ones. All work on the store is one thread's.

A crash between storing and sending leaves a transaction that step 4 sends; a crash after sending, one that step 3 or 4
finds. A nonce takes effect once, an operation id is consumed once, a size is anchored once: sending again is harmless.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from eth_account.signers.local import LocalAccount
from sqlalchemy.orm import Session

from ledger.chain.calls import ProofSource
from ledger.chain.contracts import Deployment
from ledger.chain.courier import Courier
from ledger.chain.deploy import is_deployed
from ledger.chain.dispatch import Dispatch, Dispatched
from ledger.chain.finality import Finality
from ledger.chain.flight import Flight
from ledger.chain.lease import Lease
from ledger.chain.rounds import RelayerSettings, StepReport
from ledger.chain.rpc import BlockRef, Rpc, address_text
from ledger.chain.signing import account_address
from ledger.db.base import Database
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
        done, more = self._send_waiting(deployment, flight, synced)
        if flight.starved:
            self._feed()
        sent = sum(len(shipment.rows) for look in done for shipment, _ in look.stored)
        refused = sum(look.refused for look in done)
        return StepReport(
            False, deployed, synced, sent, released, refused, flight.transactions, flight.starved, more and sent > 0
        )

    def _send_waiting(
        self, deployment: Deployment, flight: Flight, synced: SyncReport
    ) -> tuple[list[Dispatched], bool]:
        dispatch = Dispatch(
            self._database,
            self._rpc,
            self._account,
            deployment,
            tree_of=self._tree_of,
            lease=self._lease,
            clock=self._clock,
        )
        done: list[Dispatched] = []
        with Courier(self._rpc.send_raw) as courier:
            while True:
                look = dispatch.some(flight, synced.final, flight.room)
                for shipment, transaction in look.stored:
                    courier.take(([row.id for row in shipment.rows], transaction))
                done.append(look)
                if not look.more or not look.stored or len(done) >= self._settings.most_looks:
                    break
                # Meanwhile the node takes these in: what came of those before is read back now, and the next are made.
                courier.check()
                if self._rpc.head().ref == synced.head:
                    continue
                synced = self._projection(deployment).sync()
                if synced.rolled_back_to is not None:
                    self._deployment = None
                    break
                flight.landed()
        for (row_ids, transaction), error in courier.refused:
            flight.was_refused(row_ids, transaction, error)
        return done, done[-1].more

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
