"""From a report in a real log to a figure in a real contract, judged by whoever has two receipts and a node."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from attestation.bodies import Appoint, Registration
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import prove_key
from attestation.typed_data import sign_compact_digest, verified_emissions_digest
from ledger.chain import outbox
from ledger.chain.finality import Confirmations
from ledger.chain.intents import AnchorIntent
from ledger.chain.view import Web3ChainView
from ledger.checkpoint import Checkpoint, SignatureKind, SignerKey, sign
from ledger.context import LogParameters
from ledger.db.entries import EntryRepository
from ledger.db.log_models import CheckpointRow, LogState
from ledger.db.tiles import SqlTileStore
from ledger.errors import ReceiptRefused
from ledger.issuing import issue
from ledger.log import Accepted
from ledger.merkle import Tree
from ledger.receipts import FigureWords, Receipt, verify_registered
from ledger.trust import Trust
from tests.ledger.case_desk import STEEL, VERIFIER, YEAR, Desk
from tests.ledger.log.conftest import DEPLOYMENT, ENTERPRISE, ORIGIN, PARK, Clock

pytestmark = pytest.mark.chain
DAY = 86_400


class ChainDesk(Desk):
    """A case in a log whose contracts are there: what is signed for them is signed."""

    world: Any

    @classmethod
    def over(cls, world: Any) -> ChainDesk:
        """In the world's database, on the world's clock."""
        world.parameters = replace(world.parameters, deployment_id=DEPLOYMENT)
        with world.database.write() as session:
            session.get_one(LogState, 1).origin = ORIGIN
        desk = cls(world.database, Clock(time.time()))
        desk.world = world
        desk.witness = SignerKey(
            "park.example/witness", SignatureKind.COSIGNATURE, PrivateKey.generate(Algorithm.ED25519)
        )
        desk.holders = {PARK: desk.registrar, ENTERPRISE: desk.enterprise}
        desk.log().submit(desk.enrolments())
        key = desk.holders[VERIFIER] = PrivateKey.generate(Algorithm.ES256K)
        desk.log().submit([desk.key(VERIFIER, Kind.VERIFIER, key, Purpose.STATEMENT)])
        desk.publish("factor-set", dict(STEEL.document()), STEEL.version, STEEL.id)
        return desk

    witness: SignerKey

    @property
    def parameters(self) -> LogParameters:
        return LogParameters(
            *(ORIGIN, DEPLOYMENT, PARK, self.registrar.public, self.world.registry_domain, self.world.domain),
            emissions_domain=self.world.emissions_domain,
        )

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None = None) -> bytes:
        self.keys_issued += 1
        body = prove_key(
            log=ORIGIN, identifier=identifier, kind=kind, key=key, purposes=purposes, iat=int(self.clock.now),
            parent=parent, domain=self.world.registry_domain,
        )  # fmt: skip
        return self.sign("key", PARK, self.registrar, "keys", self.keys_issued, body)

    def appoint(self) -> Accepted:
        first, last = (format_instant(int(self.clock.now) + days * DAY)[:10] for days in (-2, 90))
        body = Appoint(enterprise=ENTERPRISE, year=YEAR, verifier=VERIFIER, start=first, end=last)
        return self.accept("assignment", body, PARK)

    def words(self, report: Accepted, verdict: Accepted, tonnes: int) -> FigureWords:
        digest = verified_emissions_digest(
            self.world.emissions_domain,
            *(account_id(ENTERPRISE), YEAR, tonnes, report.ref.leaf_hash, verdict.ref.leaf_hash, 1),
        )
        return FigureWords(ENTERPRISE, YEAR, tonnes, 1, sign_compact_digest(digest, self.holders[VERIFIER]))

    def registered(self, verdict: Accepted, words: FigureWords) -> Accepted:
        body = Registration(
            verification=verdict.ref.statement_id.hex(), enterprise=ENTERPRISE, year=YEAR, tonnes=words.tonnes,
            revision=1, signature="0x" + words.signature.hex(),
        )  # fmt: skip
        return self.accept("registration", body, VERIFIER)

    @property
    def signers(self) -> list[SignerKey]:
        return [SignerKey(ORIGIN, SignatureKind.ED25519, self.log_key), self.witness, *self.world.cosigners]

    def integrate(self) -> None:
        """Sign a head of all that is accepted, and ask for its anchor."""
        with self.database.write() as session:
            state, entries = session.get_one(LogState, 1), EntryRepository(session)
            tree = Tree(SqlTileStore(session), state.tree_size)
            tree.append_leaves([entries.require(n).leaf_hash for n in range(state.tree_size, state.next_index)])
            state.tree_size = tree.size
            head = Checkpoint(ORIGIN, tree.size, tree.root(), state.epoch)
            note = sign(head, self.signers, time=int(self.clock.now), domain=self.world.domain).format().decode()
            session.add(
                CheckpointRow(epoch=0, size=tree.size, root=tree.root(), note=note, cosigned=True, created_at=1)
            )
            outbox.enqueue_anchor(session, DEPLOYMENT, AnchorIntent(0, tree.size, tree.root()), now=1)

    def trust(self) -> Trust:
        log_key, witness, *_ = self.signers
        given = self.world.parameters
        return Trust(
            log=ORIGIN, log_key=log_key.verifier, witnesses=(witness.verifier,), witness_quorum=1,
            registrar_identifier=PARK, registrar=self.registrar.public, deployment_id=DEPLOYMENT,
            chain_id=given.chain_id, evidence_log=self.world.domain.verifying_contract,
            identifier_registry=self.world.registry_domain.verifying_contract, cosigners=given.cosigners,
            cosigner_threshold=given.threshold, emissions_registry=self.world.emissions_domain.verifying_contract,
        )  # fmt: skip

    def receipt(self, entry: Accepted) -> Receipt:
        with self.database.read() as session:
            found = issue(
                session,
                self.parameters,
                self.world.domain,
                self.log_key,
                EntryRepository(session).require(entry.ref.index),
            )
        assert found is not None
        return found


@pytest.fixture
def view(world: Any) -> Iterator[Web3ChainView]:
    made = Web3ChainView(world.engine.rpc_url, finality=Confirmations(0))
    yield made
    made.close()


def test_a_figure_of_a_real_case_is_registered_and_checked_from_outside_also_after_the_chain_forgot_it(
    world: Any, view: Web3ChainView
) -> None:
    """DOMAIN 44, from the assignment to the registration; then two receipts, a trust file and a node."""
    desk = ChainDesk.over(world)
    relayer = world.relayer()
    desk.appoint()
    report = desk.report("1000.00")
    tonnes = desk.reported.totals.obligation_tonnes
    verdict = desk.verify(report)
    desk.integrate()
    world.settle(relayer, rounds=20)
    words = desk.words(report, verdict, tonnes)
    trust = desk.trust()

    def judged(said: FigureWords = words) -> Any:
        return verify_registered(desk.receipt(report), desk.receipt(verdict), said, trust, view)

    with pytest.raises(ReceiptRefused) as refused:
        judged()
    assert (refused.value.step, refused.value.rule) == (12, "chain.emissions")

    desk.clock.now += 25 * DAY  # the objection window is over
    desk.registered(verdict, words)
    world.settle(relayer, rounds=20)
    found = judged()
    assert tonnes > 1_000
    assert (found.on_chain.tonnes, found.on_chain.revision, found.verifier) == (tonnes, 1, VERIFIER)
    with pytest.raises(ReceiptRefused) as refused:
        judged(desk.words(report, verdict, tonnes - 1))
    assert (refused.value.step, refused.value.rule) == (10, "registered.tonnes")

    world.forget_everything()
    world.settle(relayer, rounds=30)
    again = judged()
    assert (again.on_chain.tonnes, again.on_chain.revision) == (tonnes, 1)
