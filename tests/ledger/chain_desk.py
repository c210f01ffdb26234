"""A case in a real log whose contracts are there: what is signed for them is signed."""

from __future__ import annotations

from typing import Protocol, Self

from attestation.bodies import Appoint, Registration
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import prove_key
from attestation.typed_data import Domain, sign_compact_digest, verified_emissions_digest
from ledger.chain import outbox
from ledger.chain.intents import AnchorIntent
from ledger.checkpoint import Checkpoint, SignatureKind, SignerKey, sign
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.db.log_models import CheckpointRow, LogState
from ledger.db.tiles import SqlTileStore
from ledger.issuing import issue
from ledger.log import Accepted
from ledger.merkle import Tree
from ledger.receipts import FigureWords, Receipt
from ledger.trust import Trust

from .case_desk import STEEL, VERIFIER, YEAR, Desk
from .log.conftest import DEPLOYMENT, ENTERPRISE, ORIGIN, PARK, Clock

DAY = 86_400


class Contracts(Protocol):
    """Where they are, and who signs for the chain: a ``World`` is one."""

    @property
    def domain(self) -> Domain: ...
    @property
    def registry_domain(self) -> Domain: ...
    @property
    def emissions_domain(self) -> Domain: ...
    @property
    def ledger_domain(self) -> Domain: ...
    @property
    def compliance_domain(self) -> Domain: ...
    @property
    def cosigners(self) -> list[SignerKey]: ...


class ChainDesk(Desk):
    """Keys, streams and one case of a log with contracts."""

    contracts: Contracts
    witness: SignerKey

    @classmethod
    def over(cls, database: Database, contracts: Contracts, now: float) -> Self:
        """In this database: registrar, enterprise, its meter and a verifier are enrolled, a factor set is published."""
        desk = cls(database, Clock(now))
        desk.contracts = contracts
        desk.witness = SignerKey(
            "park.example/witness", SignatureKind.COSIGNATURE, PrivateKey.generate(Algorithm.ED25519)
        )
        desk.holders = {PARK: desk.registrar, ENTERPRISE: desk.enterprise}
        desk.log().submit(desk.enrolments())
        key = desk.holders[VERIFIER] = PrivateKey.generate(Algorithm.ES256K)
        desk.log().submit([desk.key(VERIFIER, Kind.VERIFIER, key, Purpose.STATEMENT)])
        desk.publish("factor-set", dict(STEEL.document()), STEEL.version, STEEL.id)
        return desk

    @property
    def parameters(self) -> LogParameters:
        return LogParameters(
            *(ORIGIN, DEPLOYMENT, PARK, self.registrar.public, self.contracts.registry_domain, self.contracts.domain),
            emissions_domain=self.contracts.emissions_domain,
            ledger_domain=self.contracts.ledger_domain,
            compliance_domain=self.contracts.compliance_domain,
        )

    def key(self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None = None) -> bytes:
        self.keys_issued += 1
        body = prove_key(
            log=ORIGIN, identifier=identifier, kind=kind, key=key, purposes=purposes, iat=int(self.clock.now),
            parent=parent, domain=self.contracts.registry_domain,
        )  # fmt: skip
        return self.sign("key", PARK, self.registrar, "keys", self.keys_issued, body)

    def appoint(self) -> Accepted:
        first, last = (format_instant(int(self.clock.now) + days * DAY)[:10] for days in (-2, 90))
        body = Appoint(enterprise=ENTERPRISE, year=YEAR, verifier=VERIFIER, start=first, end=last)
        return self.accept("assignment", body, PARK)

    def words(self, report: Accepted, verdict: Accepted, tonnes: int) -> FigureWords:
        digest = verified_emissions_digest(
            self.contracts.emissions_domain,
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
        return [SignerKey(ORIGIN, SignatureKind.ED25519, self.log_key), self.witness, *self.contracts.cosigners]

    def integrate(self) -> None:
        """Sign a head of all that is accepted, and ask for its anchor."""
        with self.database.write() as session:
            state, entries = session.get_one(LogState, 1), EntryRepository(session)
            tree = Tree(SqlTileStore(session), state.tree_size)
            tree.append_leaves([entries.require(n).leaf_hash for n in range(state.tree_size, state.next_index)])
            state.tree_size = tree.size
            head = Checkpoint(ORIGIN, tree.size, tree.root(), state.epoch)
            note = sign(head, self.signers, time=int(self.clock.now), domain=self.contracts.domain).format().decode()
            session.add(
                CheckpointRow(epoch=0, size=tree.size, root=tree.root(), note=note, cosigned=True, created_at=1)
            )
            outbox.enqueue_anchor(session, DEPLOYMENT, AnchorIntent(0, tree.size, tree.root()), now=1)

    def trust(self) -> Trust:
        log_key, witness, *_ = self.signers
        addresses = tuple(sorted(signer.verifier.material for signer in self.contracts.cosigners))
        return Trust(
            log=ORIGIN, log_key=log_key.verifier, witnesses=(witness.verifier,), witness_quorum=1,
            registrar_identifier=PARK, registrar=self.registrar.public, deployment_id=DEPLOYMENT,
            chain_id=self.contracts.domain.chain_id, evidence_log=self.contracts.domain.verifying_contract,
            identifier_registry=self.contracts.registry_domain.verifying_contract, cosigners=addresses,
            cosigner_threshold=len(addresses), emissions_registry=self.contracts.emissions_domain.verifying_contract,
        )  # fmt: skip

    def receipt(self, entry: Accepted) -> Receipt:
        with self.database.read() as session:
            found = issue(
                session,
                self.parameters,
                self.contracts.domain,
                self.log_key,
                EntryRepository(session).require(entry.ref.index),
            )
        assert found is not None
        return found
