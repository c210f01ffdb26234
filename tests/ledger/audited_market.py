"""A market on a real chain whose store an auditor can be given: heads that the log's key and a witness signed too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attestation.keys import Algorithm, PrivateKey
from ganache import Engine
from ledger.audit import AuditReport, Divergence, NodeEvidence, audit, store_evidence
from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    CREDIT_SCORES,
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
)
from ledger.chain.finality import Confirmations
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.trust import Trust
from tests.ledger.conftest import ORIGIN, World
from tests.ledger.deployed import Secrets
from tests.ledger.engines import migrated_sqlite
from tests.ledger.mirrored import memory

from .chained_market import ASSET, ChainedMarket


class AuditedMarket(ChainedMarket):
    """``trust``: what an auditor of it believes."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        log, witness = (PrivateKey(Algorithm.ED25519, bytes([number]) * 32) for number in (61, 62))
        made = Secrets.generate(2)
        # The deployment that the log's own name says.
        secrets = Secrets(bytes.fromhex(ORIGIN[-64:]), made.cosigners, made.approvers)
        self.database = migrated_sqlite(folder / "store.sqlite3")
        world = World(engine, folder, finality=Confirmations(1), database=self.database, secrets=secrets)
        signers = SignerKey(ORIGIN, SignatureKind.ED25519, log), SignerKey("w", SignatureKind.COSIGNATURE, witness)
        world.cosigners[:0] = signers
        super().__init__(world)
        deployment = world.deploy()
        self.trust = Trust(
            log=ORIGIN,
            log_key=signers[0].verifier,
            witnesses=(signers[1].verifier,),
            witness_quorum=1,
            registrar_identifier=memory.PARK,
            registrar=self.parameters.registrar,
            deployment_id=world.deployment_id,
            chain_id=engine.chain_id,
            evidence_log=deployment.addresses[EVIDENCE_LOG],
            identifier_registry=deployment.addresses[IDENTIFIER_REGISTRY],
            emissions_registry=deployment.addresses[EMISSIONS_REGISTRY],
            carbon_ledger=deployment.addresses[CARBON_LEDGER],
            compliance=deployment.addresses[COMPLIANCE],
            credit_scores=deployment.addresses[CREDIT_SCORES],
            exchange=deployment.addresses[EXCHANGE],
            cosigners=world.parameters.cosigners,
            cosigner_threshold=world.parameters.threshold,
        )

    @property
    def url(self) -> str:
        """Of the store."""
        return str(self.world.database.url)

    def node(self) -> NodeEvidence:
        """The chain up to where the store has read it."""
        return NodeEvidence(self.world.rpc, self.world.rpc.head().number)

    def audited(self) -> tuple[AuditReport, list[Divergence]]:
        """What an audit of store and chain says."""
        found: list[Divergence] = []
        with store_evidence(self.url) as log:
            report = audit(
                log,
                self.trust,
                chain=self.node(),
                deployment=self.world.deploy(),
                rows=log.store,
                found=found.append,
            )
        return report, found

    def traded(self) -> ChainedMarket:
        """A settled trade of 300 t at 60.00 from the first to the second."""
        self.opened()
        offer = self.say(self.work.sell(300, 6_000), self.steel)
        self.say(self.work.accepting(offer), self.tiles)
        self.settle()
        return self

    def reverse(self, tonnes: int, fen: int) -> None:
        """Units and cash of the trade go back by entries that name it (DOMAIN 22)."""
        (trade,) = self.market.trades(ASSET)
        given = {"sender": self.tiles, "receiver": self.steel, "reverses": trade.op_id.hex()}
        self.units.hold(self.units.signed(self.units.transfer(tonnes, **given)))
        back: Any = self.work.deposit(fen, "ICBC-BACK", account=self.tiles, reverses=trade.op_id.hex())
        self.approve(back, "cash")
        self.settle()
