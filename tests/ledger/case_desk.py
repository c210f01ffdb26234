"""A case in a real log: everything is judged, save what only a chain could have signed for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.bodies import Appoint, Finding, Label, Registration, Verification
from attestation.bodies.findings import FindingItem
from attestation.bodies.labels import Activity as LabelActivity
from attestation.bodies.labels import Sector
from attestation.examination import examine
from attestation.instants import parse_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, CompromiseKey, Policy, parse_body, prove_addition
from ledger import effects
from ledger.context import LedgerContext
from ledger.db.base import Database
from ledger.db.entries import EntryRepository
from ledger.log import Accepted
from tests.ledger.log.conftest import ENTERPRISE, ORIGIN, PARK, Clock, Park

STEEL = load_bundled("cets-steel", "03.01-v01-2024")
VERIFIER = "88.608.9001/V"
YEAR = 2023
BEGIN = parse_instant("2024-03-04T09:00:00+08:00")
"""A Monday."""


class Desk(Park):
    """Keys, streams and one case."""

    @classmethod
    def open(cls, database: Database) -> Desk:
        """Registrar, enterprise A, its meter and a verifier are enrolled; the factor set is published."""
        desk = cls(database, Clock(BEGIN))
        desk.holders = {PARK: desk.registrar, ENTERPRISE: desk.enterprise}
        desk.log().submit(desk.enrolments())
        key = desk.holders[VERIFIER] = PrivateKey.generate(Algorithm.ES256K)
        desk.log().submit([desk.key(VERIFIER, Kind.VERIFIER, key, Purpose.STATEMENT)])
        desk.publish("factor-set", dict(STEEL.document()), STEEL.version, STEEL.id)
        return desk

    holders: dict[str, PrivateKey]

    def publish(self, policy: str, document: dict[str, Any], version: str = "1", policy_id: str = "park") -> Accepted:
        body = Policy(policy=policy, id=policy_id, version=version, effective_from="2022-01-01", document=document)
        return self.accept("policy", body, PARK)

    def signed(self, type_: str, body: Body, iss: str) -> bytes:
        stream = "keys" if type_ == "key" else f"{type_}s"
        with self.database.read() as session:
            state = EntryRepository(session).state()
            seq = LedgerContext(session, self.parameters, state, int(self.clock.now)).stream(iss, stream).last_seq + 1
        return self.sign(type_, iss, self.holders[iss], stream, seq, body)

    def accept(self, type_: str, body: Body, iss: str) -> Accepted:
        (outcome,) = self.log().submit([self.signed(type_, body, iss)]).outcomes
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def record(self, type_: str, body: Body, iss: str) -> int:
        """Log it without judging it: its effects are those of acceptance. The index."""
        statement = examine(self.signed(type_, body, iss), ORIGIN)
        with self.database.write() as session:
            state, now = EntryRepository(session).state(lock=True), int(self.clock.now)
            context = LedgerContext(session, self.parameters, state, now)
            row = {
                "seq": statement.seq,
                "type": type_,
                "statement_id": statement.statement_id,
                "leaf_hash": statement.leaf_hash,
                "accepted_at": now,
                "period_start": None,
                "period_end": None,
                "entry": statement.entry,
            }
            index = context.take(row, iss, statement.stream)
            effects.apply(session, context, statement, index)
            context.flush()
        return index

    def report(self, coal: str = "10.00", **changed: Any) -> Accepted:
        built = build_report(
            year=YEAR,
            period_from="2023-01-01T00:00:00Z",
            period_to="2023-12-31T00:00:00Z",
            activities=[Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(coal), "t")],
            factor_set=STEEL,
            obligation_base="direct",
        )
        self.reported = parse_body("report", {**built.body, **changed})
        return self.accept("report", self.reported, ENTERPRISE)

    def appoint(self) -> Accepted:
        body = Appoint(enterprise=ENTERPRISE, year=YEAR, verifier=VERIFIER, start="2024-03-01", end="2024-09-01")
        return self.accept("assignment", body, PARK)

    def find(self, report: Accepted, kind: str = "nonconformity") -> Accepted:
        item = FindingItem(id="1", stage="document", kind=kind, rule="6.2", text="a delivery stands there twice")
        return self.accept("finding", Finding(report=report.ref.statement_id.hex(), items=(item,)), VERIFIER)

    def verify(self, report: Accepted) -> Accepted:
        named = report.ref.statement_id.hex()
        body = Verification(
            report=named,
            initial_report=named,
            boundary="the works",
            guideline="steel 2024",
            conclusion="approved",
            adjustments=(),
            verified=self.reported.totals,
            nonconformities=(),
            uncovered="nothing",
        )
        return self.accept("verification", body, VERIFIER)

    def register(self, verdict: Accepted) -> int:
        body = Registration(
            verification=verdict.ref.statement_id.hex(),
            enterprise=ENTERPRISE,
            year=YEAR,
            tonnes=self.reported.totals.obligation_tonnes,
            revision=1,
            signature="0x" + "00" * 64,
        )
        return self.record("registration", body, VERIFIER)

    def label(self, report: Accepted | None) -> int:
        body = Label(
            enterprise=ENTERPRISE,
            year=YEAR,
            basis="determined" if report is None else "registered",
            report=None if report is None else report.ref.statement_id.hex(),
            obligation_base="direct",
            tonnes=1,
            activity=LabelActivity(product="steel", quantity="1", unit="t"),
            sector=Sector(name="steel", intensity="1", source="a yearbook"),
            value_added="1",
            intensity="1.0000",
            k="1.0000",
            level=3,
            value_intensity="1.0000",
            grade="mid",
        )
        return self.record("label", body, PARK)

    def spare(self) -> PrivateKey:
        """Another key of the registrar's, for policies."""
        key = PrivateKey.generate(Algorithm.ED25519)
        body = prove_addition(
            log=ORIGIN, identifier=PARK, key=key, purposes=Purpose.ADMINISTRATION, iat=int(self.clock.now), domain=None
        )
        self._say_of_keys(body)
        return key

    def compromise(self, identifier: str, since: int, key: PrivateKey | None = None) -> str:
        """The identifier's key is declared stolen; its thumbprint."""
        thumbprint = (key or self.holders[identifier]).public.kid_name
        self._say_of_keys(
            CompromiseKey(thumbprint=thumbprint, identifier=identifier, invalid_since=since, reason="stolen laptop")
        )
        return thumbprint

    def _say_of_keys(self, body: Body) -> None:
        # The registrar's stream of keys goes on from the enrolments.
        self.keys_issued += 1
        entry = self.sign("key", PARK, self.registrar, "keys", self.keys_issued, body)
        (outcome,) = self.log().submit([entry]).outcomes
        assert isinstance(outcome, Accepted), outcome
