"""A case in a log in memory: an enterprise's year, its verifiers, and the persons who approve, each step in one call.

Loaded by its path, since tests are no package; ``memory`` is the module `memory_log`.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from types import ModuleType

import msgspec

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.draws import choose
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.judging.cases import counted_figures
from attestation.keys import Algorithm, Kind, Purpose
from attestation.statements import (
    Adjustment,
    Appoint,
    Approval,
    Body,
    Contribute,
    DecideObjection,
    Determination,
    DrawVerifier,
    EndAssignment,
    Facility,
    Finding,
    FindingItem,
    OpenDraw,
    Plan,
    PlanParameter,
    Policy,
    RaiseObjection,
    Registration,
    Report,
    Resolution,
    Verification,
    parse_body,
)
from attestation.typed_data import (
    Domain,
    emissions_determination_digest,
    sign_compact_digest,
    verified_emissions_digest,
)

YEAR = 2023
DAY = 86_400
STEEL = load_bundled("cets-steel", "03.01-v01-2024")
DOMAIN = Domain(31337, b"\x33" * 20, b"\x5a" * 32)
V1, V2, V3 = "88.608.701/verifier", "88.608.702/verifier", "88.608.703/verifier"
REGULATOR, OFFICER, INSPECTOR = "88.608.2/bureau", "88.608.100/officer", "88.608.2/inspector"
SECRET = bytes(range(32))
WORDS = "none · 无"


class Casework:
    """The registrar, an enterprise with a meter, three verifiers and two persons; steps are signed and accepted."""

    def __init__(
        self, memory: ModuleType, park=None, works: str | None = None, base: str = "direct", domain: Domain = DOMAIN
    ) -> None:
        """In a park of its own, with its enterprise and meter; or in ``park``, with the enterprise ``works``."""
        self.memory = memory
        self.meter = memory.METER if park is None else None
        self.park = park = park or memory.Park.with_meter()
        self.log = park.log
        self.domain = self.log.emissions_domain = domain
        self.began = self.log.now
        self.base = base
        self.works = works or memory.WORKS
        verifier = {"kind": Kind.VERIFIER, "purposes": Purpose.STATEMENT, "algorithm": Algorithm.ES256K}
        for name in (V1, V2, V3):
            park.enrol(name, **verifier, group="holding" if name == V3 else None)
        park.enrol(REGULATOR, Kind.REGULATOR, Purpose.STATEMENT)
        for person, body in ((OFFICER, memory.PARK), (INSPECTOR, REGULATOR)):
            park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=body, algorithm=Algorithm.ES256K)
        if self.log.factor_set(STEEL.id, STEEL.version) is None:
            self.policy("factor-set", STEEL.id, STEEL.version, STEEL.document())

    def accept(self, type_: str, body: Body, *, iss: str, stream: str | None = None):
        """Sign and accept; the logged entry."""
        self.log.accept(self.park.sign(type_, body, iss=iss, stream=stream or f"{type_}s", iat=self.log.now))
        return self.log.entries[-1].statement

    def policy(self, kind: str, id_: str, version: str, document: dict[str, object]) -> None:
        body = Policy(policy=kind, id=id_, version=version, effective_from="2023-01-01", document=document)
        self.accept("policy", body, iss=self.memory.PARK, stream="policies")

    def at(self, days: float) -> None:
        """So many days after the case began."""
        self.log.now = self.began + int(days * DAY)

    def date(self, days: int) -> str:
        return format_instant(self.began + days * DAY)[:10]

    def plan(self, *, iss: str | None = None, **changed: object) -> Plan:
        parameter = PlanParameter(
            id="coal",
            facility="boiler",
            source="weighbridge",
            meter=self.meter,
            unit="t",
            accuracy_percent="0.5",
            frequency="each delivery",
            gap_rule="mean of the month",
            department="energy",
        )
        members = {
            "version": "1",
            "effective_from": "2023-01-01",
            "boundary": "the plant within the fence",
            "facilities": (Facility(id="boiler", name="boiler 1"),),
            "parameters": (parameter,),
            "quality": "monthly review",
        }
        return Plan(**(members | changed))

    def tell_plan(self, **changed: object):
        return self.accept("plan", self.plan(**changed), iss=self.works)

    def report_body(self, coal: str = "100.00", *, year: int = YEAR, lines=None, **changed: object) -> Report:
        """A report of coal burned, in tonnes, in two lines: ``coal`` and ``oil``."""
        built = build_report(
            year=year,
            period_from=f"{year}-01-01T00:00:00Z",
            period_to=f"{year}-11-01T00:00:00Z",
            activities=lines or self.activities(coal),
            factor_set=STEEL,
            obligation_base=self.base,
        )
        members = {name: value for name, value in changed.items() if value is not None}
        return msgspec.structs.replace(parse_body("report", built.body), **members)

    def activities(self, coal: str, oil: str = "10.00") -> list[Activity]:
        return [
            Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(coal), "t"),
            Activity("oil", LineKind.COMBUSTION, "diesel", Decimal(oil), "t"),
        ]

    def report(self, coal: str = "100.00", **changed: object):
        return self.accept("report", self.report_body(coal, **changed), iss=self.works, stream="reports")

    def resubmit(self, coal: str = "90.00", *, reason: str | None = "what was found is corrected"):
        standing = self.log.standing_report(self.works, YEAR)
        return self.report(coal, supersedes=standing.statement_id.hex(), reason=reason)

    def appointment(self, verifier: str = V1, *, first: int = -1, last: int = 90, **changed: object) -> Appoint:
        members = {"enterprise": self.works, "year": YEAR, "verifier": verifier}
        return Appoint(**(members | {"start": self.date(first), "end": self.date(last)} | changed))

    def appoint(self, verifier: str = V1, **changed: object):
        return self.accept("assignment", self.appointment(verifier, **changed), iss=self.memory.PARK)

    def end(self, assignment: str | None = None):
        found = self.log.assignments_of(self.works, YEAR)[-1].statement_id.hex() if assignment is None else assignment
        return self.accept("assignment", EndAssignment(assignment=found, reason="handed over"), iss=self.memory.PARK)

    def open_draw(self, *candidates: str, until: float = 2, secret: bytes = SECRET, **changed: object):
        members = {
            "enterprise": self.works,
            "year": YEAR,
            "candidates": candidates or (V1, V2),
            "commitment": sha256(secret).hexdigest(),
            "start": self.date(-1),
            "end": self.date(90),
            "contribute_until": format_instant(self.began + int(until * DAY)),
        }
        return self.accept("assignment", OpenDraw(**(members | changed)), iss=self.memory.PARK)

    def contribute(self, draw, value: bytes = b"\x07" * 32, *, iss: str | None = None):
        body = Contribute(draw=draw.statement_id.hex(), value=value.hex())
        return self.accept("assignment", body, iss=iss or self.works)

    def draw(self, opened, *, secret: bytes = SECRET, verifier: str | None = None):
        record = self.log.draw(opened.statement_id)
        if verifier is None and record is not None:
            place = choose(record.statement_id, secret, record.contribution, len(record.candidates))
            verifier = record.candidates[place]
        body = DrawVerifier(draw=opened.statement_id.hex(), secret=secret.hex(), verifier=verifier or V1)
        return self.accept("assignment", body, iss=self.memory.PARK)

    def item(self, id_: str = "1", **changed: object) -> FindingItem:
        members = {
            "id": id_,
            "stage": "document",
            "kind": "nonconformity",
            "line": "coal",
            "rule": "5.2",
            "text": "twice",
        }
        return FindingItem(**{name: value for name, value in (members | changed).items() if value is not None})

    def find(self, *items: FindingItem, verifier: str = V1, report: str | None = None):
        standing = self.log.standing_report(self.works, YEAR)
        body = Finding(report=report or standing.statement_id.hex(), items=items or (self.item(),))
        return self.accept("finding", body, iss=verifier)

    def adjusted(self, coal: str, *, basis: str = "evidence") -> dict[str, object]:
        """What a verdict says that finds so much coal: the line, and the totals that follow."""
        body = self.report_body(coal)
        adjustment = Adjustment(line="coal", replacement=body.lines[0], reason="a delivery counted twice", basis=basis)
        return {"conclusion": "corrected", "adjustments": (adjustment,), "verified": body.totals}

    def verdict(self, **changed: object) -> Verification:
        standing = self.log.standing_report(self.works, YEAR)
        members = {
            "report": standing.statement_id.hex(),
            "initial_report": self.log.reports_of(self.works, YEAR)[0].statement_id.hex(),
            "boundary": "as in the plan",
            "guideline": "cets-steel 03.01",
            "conclusion": "approved",
            "adjustments": (),
            "verified": standing.body.totals,
            "nonconformities": (),
            "uncovered": WORDS,
        }
        return Verification(**(members | changed))

    def verify(self, *, verifier: str = V1, **changed: object):
        return self.accept("verification", self.verdict(**changed), iss=verifier)

    def resolve(self, finding, item: str = "1", resolution: str = "corrected") -> Resolution:
        return Resolution(finding=finding.statement_id.hex(), item=item, resolution=resolution)

    def object(self, verdict, *, iss: str | None = None):
        body = RaiseObjection(verification=verdict.statement_id.hex(), grounds="the delivery note was overlooked")
        return self.accept("objection", body, iss=iss or self.works)

    def decide(self, objection, *, upheld: bool):
        body = DecideObjection(objection=objection.statement_id.hex(), upheld=upheld, reason="heard both")
        return self.accept("objection", body, iss=self.memory.PARK)

    def registration(self, verdict, *, by: str | None = None, **changed: object) -> Registration:
        """``by``: whose key signs for the contract, the verifier's unless told otherwise."""
        record = self.log.verdict(verdict.statement_id)
        revision = len(counted_figures(record.enterprise, record.year, self.log)) + 1
        members = {"enterprise": record.enterprise, "year": record.year, "tonnes": record.tonnes or 0}
        members |= {"revision": revision, "verification": verdict.statement_id.hex()} | changed
        report = self.log.report(record.report)
        digest = verified_emissions_digest(
            self.domain,
            account_id(members["enterprise"]),
            members["year"],
            members["tonnes"],
            report.leaf_hash,
            record.leaf_hash,
            members["revision"],
        )
        signature = sign_compact_digest(digest, self.park.keys[by or record.verifier])
        return Registration(**({"signature": f"0x{signature.hex()}"} | members))

    def register(self, verdict, *, iss: str | None = None, **changed: object):
        return self.accept("registration", self.registration(verdict, **changed), iss=iss or self.memory.PARK)

    def determination(self, *, persons: tuple[str, str] = (OFFICER, INSPECTOR), **changed: object) -> Determination:
        members = {"enterprise": self.works, "year": YEAR, "tonnes": 999}
        members["revision"] = len(counted_figures(self.works, YEAR, self.log)) + 1
        members |= {"cause": "no-report", "method": "last year's output", "document_hash": "ab" * 32}
        members |= {"reason": "no report came"} | changed
        digest = emissions_determination_digest(
            self.domain,
            account_id(members["enterprise"]),
            members["year"],
            members["tonnes"],
            bytes.fromhex(members["document_hash"]),
            members["revision"],
        )
        approvals = tuple(
            Approval(identifier=person, signature=f"0x{sign_compact_digest(digest, self.park.keys[person]).hex()}")
            for person in persons
        )
        return Determination(**({"approvals": approvals} | members))

    def determine(self, **changed: object):
        return self.accept("determination", self.determination(**changed), iss=self.memory.PARK)
