"""Asks every route as every role about one enterprise's things and says what was answered.

``python -m tests.api.access.observed`` writes the table of docs/access.md; ``test_every_route`` compares it.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from api.access.table import ROUTES
from api.app import create_app
from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Appoint, EndAssignment, Policy, Reading, parse_body
from attestation.verification import examine
from ledger.applications import Applications, Terms
from ledger.chain.asset_intents import AssessIntent
from ledger.chain.outbox import enqueue_asset
from ledger.db.access_models import SessionRow
from ledger.db.base import Database
from ledger.db.log_models import KeyRow
from ledger.db.migrate import upgrade
from ledger.log import Accepted
from tests.api.conftest import BASE_URL, Park
from tests.applying import application, encoded

PAGE = Path(__file__).resolve().parents[3] / "docs" / "access.md"
BEGIN, END = "<!-- observed: begin -->", "<!-- observed: end -->"

DAY = 86_400
OTHER, OTHER_METER = "88.608.7000/B", "88.608.7000/B_METER_1"
PERSON, REGULATOR = "88.608.5288/A_PERSON_1", "88.608.2/BUREAU"
ASSIGNED, UNASSIGNED, LAPSED = "88.608.9001/V", "88.608.9002/V", "88.608.9003/V"

Ask = tuple[str, str, Mapping[str, object]]


@dataclass(frozen=True)
class Caller:
    """A column of the table: its title and the headers of its requests."""

    title: str
    headers: Callable[[], Mapping[str, str]]


class Populated(Park):
    """The park with everybody in it. ``entry`` is the index of a reading of enterprise A's meter."""

    def populate(self) -> None:
        self.enrol_all()
        self.holders: dict[str, PrivateKey] = {
            self.registrar_id: self.registrar,
            self.enterprise_id: self.enterprise,
            self.meter_id: self.meter,
        }
        for identifier, kind, purpose, parent in (
            (OTHER, Kind.ENTERPRISE, Purpose.STATEMENT, None),
            (OTHER_METER, Kind.DEVICE, Purpose.DEVICE, OTHER),
            (PERSON, Kind.PERSON, Purpose.STATEMENT, self.enterprise_id),
            (REGULATOR, Kind.REGULATOR, Purpose.STATEMENT, None),
            (ASSIGNED, Kind.VERIFIER, Purpose.STATEMENT, None),
            (UNASSIGNED, Kind.VERIFIER, Purpose.STATEMENT, None),
            (LAPSED, Kind.VERIFIER, Purpose.STATEMENT, None),
        ):
            key = self.holders[identifier] = PrivateKey.generate(Algorithm.ED25519)
            self.take(self.key(identifier, kind, key, purpose, parent))
        self.assign(2024, ASSIGNED)
        self.end_assignment(self.assign(2023, LAPSED))
        self.entry = self.take(self.reading(1))
        self.report = self.take(self.report_of(1))
        self.sequencer.step()
        self.operation = self.assess(2023)
        self.applied = encoded(application(self.origin, iat=self.now))
        received = Applications(self.database, self.parameters, Terms()).receive(self.applied, self.now)
        self.application = received.application

    def report_of(self, seq: int) -> bytes:
        """Enterprise A's report, which cites the reading at ``seq`` of its meter."""
        steel = load_bundled("cets-steel", "03.01-v01-2024")
        policy = Policy(
            policy="factor-set",
            id=steel.id,
            version=steel.version,
            effective_from="2020-01-01",
            document=steel.document(),
        )
        self.take(self.sign("policy", self.registrar_id, self.registrar, "policies", 1, policy))
        reading = examine(self.reading(seq), self.origin).body
        assert isinstance(reading, Reading)
        cited = CitedRange(self.meter_id, self.stream, seq, seq, reading.quantity, reading.unit)
        name = next(iter(steel.electricity))
        built = build_report(
            year=2023,
            period_from=reading.start,
            period_to=reading.end,
            activities=[Activity("grid", LineKind.ELECTRICITY, name, evidence=(cited,))],
            factor_set=steel,
            obligation_base="direct",
        )
        return self.sign("report", self.enterprise_id, self.enterprise, "reports", 1, parse_body("report", built.body))

    def assess(self, year: int) -> bytes:
        """Have the contracts told that enterprise A's year is assessed, by the report's entry; the operation."""
        entry = self.view.entry(self.report)
        assert entry is not None
        intent = AssessIntent(entry.leaf_hash, entry.index, account_id(self.enterprise_id), year)
        with self.database.write() as session:
            enqueue_asset(session, self.parameters.deployment_id, intent, now=self.now)
        return intent.operation_id(self.parameters.deployment_id)

    def take(self, entry: bytes) -> int:
        """Submit past HTTP; the index."""
        (outcome,) = self.log.submit([entry]).outcomes
        assert isinstance(outcome, Accepted), outcome
        return outcome.ref.index

    def assign(self, year: int, verifier: str) -> int:
        """Appoint the verifier of enterprise A's year, from yesterday for ten days. The index."""
        first, last = (format_instant(self.now + days * DAY)[:10] for days in (-1, 10))
        body = Appoint(enterprise=self.enterprise_id, year=year, verifier=verifier, start=first, end=last)
        return self.take(self.administer(body))

    def end_assignment(self, index: int) -> None:
        """End the assignment that the entry at ``index`` began."""
        entry = self.view.entry(index)
        assert entry is not None
        self.take(self.administer(EndAssignment(assignment=entry.statement_id.hex(), reason="another verifier")))

    def administer(self, body: Appoint | EndAssignment) -> bytes:
        """Signed by the registrar, next in its stream of assignments."""
        self.assignments = getattr(self, "assignments", 0) + 1
        return self.sign("assignment", self.registrar_id, self.registrar, "assignments", self.assignments, body)

    def callers(self) -> list[Caller]:
        """The columns."""

        def of(identifier: str) -> Callable[[], Mapping[str, str]]:
            return lambda: self.bearer(identifier, self.holders[identifier])

        return [
            Caller("public", dict),
            Caller("device", of(self.meter_id)),
            Caller("other's device", of(OTHER_METER)),
            Caller("enterprise", of(self.enterprise_id)),
            Caller("person of it", of(PERSON)),
            Caller("other enterprise", of(OTHER)),
            Caller("verifier, assigned", of(ASSIGNED)),
            Caller("not assigned", of(UNASSIGNED)),
            Caller("no longer", of(LAPSED)),
            Caller("regulator", of(REGULATOR)),
            Caller("administration", of(self.registrar_id)),
            Caller("expired token", self._expired),
            Caller("revoked key's", self._revoked),
        ]

    def _expired(self) -> Mapping[str, str]:
        header = self.bearer(self.enterprise_id, self.enterprise)
        with self.database.write() as session:
            for row in session.query(SessionRow).where(SessionRow.identifier == self.enterprise_id):
                row.expires_at = self.now
        return header

    def _revoked(self) -> Mapping[str, str]:
        """A token whose key was revoked after the sign-in."""
        spare = "88.608.7001/C"
        if spare not in self.holders:
            key = self.holders[spare] = PrivateKey.generate(Algorithm.ED25519)
            self.take(self.key(spare, Kind.REGULATOR, key, Purpose.STATEMENT))
        with self.database.write() as session:
            session.get_one(KeyRow, self.holders[spare].public.kid_name).revoked_index = None
        header = self.bearer(spare, self.holders[spare])
        with self.database.write() as session:
            session.get_one(KeyRow, self.holders[spare].public.kid_name).revoked_index = self.view.size() - 1
        return header

    def asks(self) -> dict[str, Ask]:
        """By operation id: a request about enterprise A's things that is good in every other way."""
        issuer, stream = self.meter_id, self.stream
        jose, json_ = {"content-type": "application/jose"}, {"content-type": "application/json"}
        line = json.dumps(self.reading(1).decode()).encode()
        place = {"issuer": issuer, "stream": stream}
        size = self.view.state().tree_size
        return {
            "submitStatement": ("POST", "/v1/statements", {"content": self.reading(1), "headers": jose}),
            "submitStatements": (
                "POST",
                "/v1/statements/bulk",
                {"content": line, "headers": {"content-type": "application/x-ndjson"}},
            ),
            "enrolIdentifier": (
                "POST",
                "/v1/identifiers",
                {"content": self.view.entry(0).entry, "headers": jose},  # type: ignore[union-attr]  # entry 0 is there
            ),
            "judgeBody": (
                "POST",
                "/v1/judgements",
                {"content": b'{"type": "score", "body": {"action": "comment"}}', "headers": json_},
            ),
            "findEntry": ("GET", "/v1/entries", {"params": {**place, "seq": 1}}),
            "getEntry": ("GET", f"/v1/entries/{self.entry}", {}),
            "getReceipt": ("GET", f"/v1/entries/{self.entry}/receipt", {}),
            "getStreams": ("GET", "/v1/streams", {"params": place}),
            "getCoverage": ("GET", "/v1/streams/coverage", {"params": place}),
            "getGaps": ("GET", "/v1/gaps", {"params": {"issuer": issuer}}),
            "getReportCoverage": ("GET", f"/v1/reports/{self.report}/coverage", {}),
            "getDevice": ("GET", f"/v1/devices/{issuer}", {}),
            "getFlagged": ("GET", f"/v1/keys/{self.meter.public.kid_name}/flagged", {}),
            "getReads": ("GET", "/v1/reads", {}),
            "listCases": ("GET", "/v1/cases", {"params": {"enterprise": self.enterprise_id}}),
            "getCase": ("GET", f"/v1/cases/{self.enterprise_id}/2024", {}),
            "getLabels": ("GET", f"/v1/labels/{self.enterprise_id}", {}),
            "listPolicies": ("GET", "/v1/policies", {}),
            "getTouchedReports": ("GET", "/v1/policies/factor-set/none/1/reports", {}),
            "listDeadlines": ("GET", "/v1/deadlines", {"params": {"enterprise": self.enterprise_id}}),
            "sendApplication": ("POST", "/v1/applications", {"content": self.applied, "headers": json_}),
            "listApplications": ("GET", "/v1/applications", {}),
            "getApplication": ("GET", f"/v1/applications/{self.application}", {}),
            "eraseApplication": ("DELETE", f"/v1/applications/{self.application}", {}),
            "getAdmission": ("GET", f"/v1/admissions/{self.application}", {}),
            "getOpening": ("GET", f"/v1/openings/{self.enterprise_id}", {}),
            "searchHistory": ("GET", "/v1/history", {"params": {"identifier": self.enterprise_id}}),
            "getTonne": ("GET", f"/v1/history/tonnes/{self.enterprise_id}/2023", {}),
            "getUnitWay": ("GET", f"/v1/history/units/{self.enterprise_id}/quota-2023", {}),
            "listEffects": ("GET", "/v1/history/effects", {"params": {"key": self.meter.public.kid_name}}),
            "listAccounts": ("GET", "/v1/accounts", {}),
            "getAccount": ("GET", f"/v1/accounts/{self.enterprise_id}", {}),
            "listMovements": ("GET", f"/v1/accounts/{self.enterprise_id}/movements", {}),
            "listNotices": ("GET", "/v1/notices", {"params": {"account": self.enterprise_id}}),
            "listAllocations": ("GET", "/v1/allocations", {}),
            "getAllocation": ("GET", "/v1/allocations/0", {}),
            "listScores": ("GET", "/v1/scores", {}),
            "getScores": ("GET", f"/v1/scores/{self.enterprise_id}/2023", {}),
            "getComplianceYear": ("GET", "/v1/compliance/2023", {}),
            "getObligation": ("GET", f"/v1/compliance/2023/{self.enterprise_id}", {}),
            "getOperation": ("GET", f"/v1/operations/{self.operation.hex()}", {}),
            "getMarket": ("GET", "/v1/market", {}),
            "getBook": ("GET", "/v1/market/quota-2023/book", {}),
            "listDays": ("GET", "/v1/market/quota-2023/days", {}),
            "listTrades": ("GET", "/v1/market/quota-2023/trades", {}),
            "listCandles": ("GET", "/v1/market/quota-2023/candles", {}),
            "getTradingSession": ("GET", "/v1/market/quota-2023/sessions/20240105", {}),
            "listAuctions": ("GET", "/v1/market/auctions", {}),
            "getAuction": ("GET", f"/v1/market/auctions/{'00' * 32}", {}),
            "getStatistics": ("GET", "/v1/market/quota-2023/statistics", {}),
            "followAsset": ("GET", "/v1/market/quota-2023/events", {}),
            "followOwn": ("GET", "/v1/market/events", {"params": {"account": self.enterprise_id}}),
            "listOrders": ("GET", "/v1/market/orders", {"params": {"account": self.enterprise_id}}),
            "getOrder": ("GET", f"/v1/market/orders/{'00' * 32}", {}),
            "listFills": ("GET", "/v1/market/fills", {"params": {"account": self.enterprise_id}}),
            "getTrader": ("GET", f"/v1/market/accounts/{self.enterprise_id}", {}),
            "getCash": ("GET", f"/v1/cash/{self.enterprise_id}", {}),
            "getCashTotal": ("GET", "/v1/cash", {}),
            "getMirror": ("GET", "/v1/mirror", {}),
            "getMirrorPage": ("GET", "/v1/mirror/entries/0", {"params": {"size": size}}),
            "getMirrorPart": ("GET", "/v1/mirror/heads", {"params": {"size": size}}),
            "listAssets": ("GET", "/v1/assets", {}),
            "getAsset": ("GET", "/v1/assets/quota-2023", {}),
            "challengeSession": ("POST", "/v1/sessions/challenge", {}),
            "openSession": ("POST", "/v1/sessions", {"content": b"no sign-in", "headers": jose}),
            "getSession": ("GET", "/v1/sessions", {}),
            "endSession": ("DELETE", "/v1/sessions", {}),
            "getKey": ("GET", f"/v1/keys/{self.meter.public.kid_name}", {}),
            "resolveIdentifier": ("GET", f"/v1/identifiers/{issuer}", {}),
            "getCheckpoint": ("GET", "/v1/checkpoint", {}),
            "getCheckpointOfSize": ("GET", f"/v1/checkpoints/{size}", {}),
            "getConsistency": ("GET", "/v1/consistency", {"params": {"old": size, "new": size}}),
            "getTile": ("GET", f"/v1/tile/0/000.p/{size}", {}),
            "getTrust": ("GET", "/v1/trust", {}),
            "listSchemas": ("GET", "/v1/schemas", {}),
            "getSchema": ("GET", "/v1/schemas/reading", {}),
            "getHealth": ("GET", "/v1/health", {}),
            "getReady": ("GET", "/v1/health/ready", {}),
        }


async def observe(park: Populated) -> list[tuple[str, list[str]]]:
    """One row per route: its operation and the status for each caller."""
    app = create_app(park.service())
    # A stream that is about to end answers and ends.
    app.state.hub.stop()
    asks, rows = park.asks(), []
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as http:
        for operation in [*ROUTES]:
            method, path, more = asks[operation]
            cells = []
            for caller in park.callers():
                headers = {**dict(more.get("headers", {})), **caller.headers()}  # type: ignore[call-overload]  # a dict
                answer = await http.request(method, path, **{**more, "headers": headers})
                cells.append(str(answer.status_code))
            rows.append((f"`{method} {_template(app, operation)}`", cells))
    return rows


def _template(app: FastAPI, operation: str) -> str:
    for path, item in app.openapi()["paths"].items():
        if any(one["operationId"] == operation for one in item.values()):
            return str(path)
    raise LookupError(operation)


def table() -> str:
    """The table in Markdown, from a fresh park."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/log.sqlite3")
        try:
            upgrade(database)
            park = Populated(database)
            park.populate()
            park.service()
            rows = asyncio.run(observe(park))
            titles = [caller.title for caller in park.callers()]
        finally:
            park.access.close()
            database.close()
    lines = [f"| route | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    lines += [f"| {route} | {' | '.join(cells)} |" for route, cells in rows]
    return "\n".join(lines)


def main() -> int:
    """Write the table into the page."""
    text = PAGE.read_text("utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    PAGE.write_text(pattern.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", text), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
