"""The cases of a kill round's client: few enterprises, each of which amends its figure again and again (DOMAIN 2, 44).

A turn is a report (from the second on one that supersedes), the assigned verifier's verdict, and the registration, each
sent until it is acknowledged; now and then the case is handed over before. The objection window has no days, so that a
verdict can be registered at once.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from attestation.accounting import Activity, LineKind, build_report, load_bundled
from attestation.bodies import Appoint, EndAssignment, Registration, Verification
from attestation.identifiers import account_id
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, Policy, parse_body
from attestation.typed_data import sign_compact_digest, verified_emissions_digest
from tests.faults.installation import Installation
from tests.faults.merkle import leaf_hash
from tests.faults.signers import PARK, Registrar, Signer, instant
from tests.faults.submitting import Submitter

ENTERPRISES = tuple(f"88.608.54{number}/C" for number in range(3))
VERIFIERS = ("88.608.2001/V", "88.608.2002/W")
YEAR = 2023
_FACTORS = load_bundled("cets-steel", "03.01-v01-2024")
_DAY = 86_400
_HANDOVER_SHARE = 0.2
# Amendments of one case are told to the registry one after the other: faster than that, they would only pile up.
_PAUSE_SECONDS = 2.0


@dataclass
class _Party:
    """Somebody who signs, and the way by which it submits."""

    signer: Signer
    way: Submitter
    signed: Counter[str]
    seqs: Counter[str] = field(default_factory=Counter)

    def say(self, kind: str, body: Body) -> bytes:
        """Signed and acknowledged; the entry."""
        stream = f"{kind}-of-cases"
        self.seqs[stream] += 1
        entry = self.signer.sign(kind, stream, self.seqs[stream], body)
        self.signed[kind] += 1
        self.way.one(entry)
        return entry


@dataclass
class _Case:
    """Where a case stands, by what was acknowledged. `first`, `report`: statement ids of its reports."""

    works: _Party
    assignment: str = ""
    verifier: str = ""
    first: str = ""
    report: str = ""
    revision: int = 0


class CaseWork:
    """``submitter`` makes the way of an identifier with its key; ``signed`` counts what is signed, by type."""

    def __init__(
        self,
        installation: Installation,
        submitter: Callable[[str, PrivateKey], Submitter],
        signed: Counter[str],
        chance: random.Random,
    ) -> None:
        self._installation = installation
        self._submitter = submitter
        self._signed = signed
        self._chance = chance
        self._parties: dict[str, _Party] = {}

    def prepare(self, office: Submitter) -> None:
        """Publish what reports are judged by, and enrol enterprises and verifiers."""
        registrar = Registrar(self._installation, "keys-of-cases", 0)
        key = self._installation.registrar()
        self._parties[PARK] = park = _Party(Signer(registrar.log, PARK, key), office, self._signed)
        for name, document in (
            ("factor-set", dict(_FACTORS.document())),
            ("rules", {"year": YEAR, "objection_days": 0}),
        ):
            named, version = (_FACTORS.id, _FACTORS.version) if name == "factor-set" else ("rules", "1")
            park.say(
                "policy",
                Policy(policy=name, id=named, version=version, effective_from="2023-01-01", document=document),
            )
        kinds = dict.fromkeys(ENTERPRISES, Kind.ENTERPRISE) | dict.fromkeys(VERIFIERS, Kind.VERIFIER)
        for identifier, kind in kinds.items():
            signer, entry = registrar.enrol(identifier, kind, Purpose.STATEMENT, Algorithm.ES256K)
            self._signed["key"] += 1
            office.one(entry, "/v1/identifiers")
            self._parties[identifier] = _Party(signer, self._submitter(identifier, signer.key), self._signed)

    def run(self, stop: threading.Event) -> None:
        """A figure for each case, then turn after turn until told to stop; what was begun is ended."""
        cases = [_Case(self._parties[name]) for name in ENTERPRISES]
        for case in cases:
            self._appoint(case)
            self._figure(case)
        while not stop.is_set():
            case = self._chance.choice(cases)
            if self._chance.random() < _HANDOVER_SHARE:
                ended = EndAssignment(assignment=case.assignment, reason="handed over")
                self._parties[PARK].say("assignment", ended)
                self._appoint(case)
            self._figure(case)
            stop.wait(self._chance.uniform(0.0, 2 * _PAUSE_SECONDS))

    def _appoint(self, case: _Case) -> None:
        case.verifier = next(name for name in VERIFIERS if name != case.verifier)
        start, end = (instant(int(time.time()) + days * _DAY)[:10] for days in (-2, 30))
        enterprise = case.works.signer.identifier
        body = Appoint(enterprise=enterprise, year=YEAR, verifier=case.verifier, start=start, end=end)
        case.assignment = _id(self._parties[PARK].say("assignment", body))

    def _figure(self, case: _Case) -> None:
        """Report, verdict, registration."""
        enterprise, verifier = case.works.signer.identifier, self._parties[case.verifier]
        built = build_report(
            year=YEAR,
            period_from=f"{YEAR}-01-01T00:00:00Z",
            period_to=f"{YEAR}-12-01T00:00:00Z",
            activities=[
                Activity("coal", LineKind.COMBUSTION, "bituminous", Decimal(self._chance.randint(100, 900)), "t")
            ],
            factor_set=_FACTORS,
            obligation_base="direct",
        )
        amends = {"supersedes": case.report, "reason": "weighed again"} if case.report else {}
        body: Any = parse_body("report", {**built.body, **amends})
        report = case.works.say("report", body)
        case.report, case.revision = _id(report), case.revision + 1
        case.first = case.first or case.report
        verdict = verifier.say(
            "verification",
            Verification(
                report=case.report,
                initial_report=case.first,
                boundary="the works",
                guideline="steel 2024",
                conclusion="approved",
                adjustments=(),
                verified=body.totals,
                nonconformities=(),
                uncovered="nothing",
            ),
        )
        tonnes = body.totals.obligation_tonnes
        words = (account_id(enterprise), YEAR, tonnes, leaf_hash(report), leaf_hash(verdict), case.revision)
        digest = verified_emissions_digest(self._installation.emissions, *words)
        verifier.say(
            "registration",
            Registration(
                verification=_id(verdict),
                enterprise=enterprise,
                year=YEAR,
                tonnes=tonnes,
                revision=case.revision,
                signature=f"0x{sign_compact_digest(digest, verifier.signer.key).hex()}",
            ),
        )


def _id(entry: bytes) -> str:
    return hashlib.sha256(entry.rpartition(b".")[0]).hexdigest()
