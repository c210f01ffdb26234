"""The park year: who is admitted, what the meters sign, what the enterprises report (STORY steps 1 and 2, reports)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.decimals import format_decimal
from attestation.encoding import b64url_decode, b64url_encode
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import Body, Close, Policy, Reading, Report, build, prove_key
from attestation.typed_data import Domain
from tanlu.client import Acceptance, BulkChunk, Client
from tanlu.demo import inputs
from tanlu.demo.inputs import Enterprise, Source
from tanlu.errors import RefusedByService, TanluError
from tanlu.importing import Importer, Meter
from tanlu.journal import Journal
from tanlu.readings import PRESETS, read_meter_file

REGISTRAR_STREAM = "keys"
REPORTS = "reports"
_PLANT = "A"


@dataclass(frozen=True, slots=True)
class Holder:
    """An identifier with its private key, held by the demo as its owner would hold it."""

    identifier: str
    key: PrivateKey


@dataclass(slots=True)
class Refusal:
    """What was tried and how the service refused it."""

    tried: str
    rule: str
    detail: str


class NotRefused(TanluError):
    """The service accepted what it must refuse: the demo stops."""


@dataclass(slots=True)
class ParkYear:
    """Acts out the year through ``client``. ``say(english, chinese)`` tells what happens; ``progress(done, total)``."""

    client: Client
    log: str
    registry: Domain
    registrar: Holder
    say: Callable[[str, str], None]
    progress: Callable[[int, int], None]
    holders: dict[str, Holder] = field(default_factory=dict)
    cited: dict[tuple[str, str], list[CitedRange]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    reports: dict[str, Acceptance] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    _registrar_seq: int = 1
    _policy_seq: int = 0

    def admit(self, first_entry: bytes) -> None:
        """Step 1: the registrar's own key, then enterprises and meters, each with a proof of possession."""
        self.client.enrol(first_entry)
        for enterprise in inputs.ENTERPRISES:
            self._enrol(
                enterprise.identifier,
                Kind.ENTERPRISE,
                PrivateKey.generate(Algorithm(enterprise.algorithm)),
                Purpose.STATEMENT,
            )
            for source in enterprise.sources:
                for generation in (1,) if source.replaced_in is None else (1, 2):
                    self._enrol(
                        enterprise.meter(source, generation),
                        Kind.DEVICE,
                        PrivateKey.generate(Algorithm.ED25519),
                        Purpose.DEVICE,
                        parent=enterprise.identifier,
                    )
        self.say(
            f"{len(inputs.ENTERPRISES)} enterprises and {len(self.holders) - len(inputs.ENTERPRISES)} meters enrolled",
            f"已注册 {len(inputs.ENTERPRISES)} 家企业、{len(self.holders) - len(inputs.ENTERPRISES)} 台计量器具",
        )

    def publish_policies(self) -> None:
        """The park publishes the factor set and the obligation base of the year as signed statements."""
        set_id, version = inputs.FACTOR_SET
        document = load_bundled(set_id, version).document()
        base = {"year": inputs.YEAR, "base": inputs.OBLIGATION_BASE}
        for policy, policy_id, number, content in (
            ("factor-set", set_id, version, document),
            ("obligation-base", "park", "1", base),
        ):
            body = Policy(
                policy=policy,
                id=policy_id,
                version=number,
                effective_from=f"{inputs.YEAR}-01-01",
                document=dict(content),
            )
            self._policy_seq += 1
            self.client.submit(self._sign(self.registrar, "policy", "policies", self._policy_seq, body))
        self.say(
            f"policies published: factor set {set_id}@{version}, obligation base {inputs.OBLIGATION_BASE}",
            f"已发布政策：排放因子集 {set_id}@{version}，履约口径 {inputs.OBLIGATION_BASE}",
        )

    def replay_plant(self, meter_file: Path, journal: Path) -> None:
        """Step 2: A's electricity meter signs a year of real intervals, in true time order, through the bulk route."""
        plant = _enterprise(_PLANT)
        source = next(source for source in plant.sources if source.annual is None)
        holder = self.holders[plant.meter(source)]
        file = read_meter_file(meter_file, PRESETS["steel"], source.unit, now=int(time.time()))
        meter = Meter(self.log, holder.identifier, source.line, holder.key)
        header: dict[str, object] = {"file": meter_file.name, "rows": len(file.rows), "stream": source.line}
        with Journal(journal, header) as kept:
            importer = Importer(self.client, meter, file)
            plan = importer.plan(kept.first_seq)
            kept.start(plan.first_seq)
            done = importer.run(plan, kept, close=True, on_progress=lambda count: self.progress(count, len(file.rows)))
        self._cite(
            plant,
            source,
            CitedRange(holder.identifier, source.line, done.first_seq, done.last_seq, done.total, done.unit),
        )
        self.say(
            f"A's meter signed {len(file.rows):,} readings, {done.total} {done.unit}",
            f"A 的电表签署了 {len(file.rows):,} 条读数，合计 {done.total} {done.unit}",
        )

    def read_other_meters(self) -> None:
        """Every other meter signs twelve monthly readings; one is exchanged in the year, closing and opening."""
        statements: list[bytes] = []
        for place, (enterprise, source) in enumerate(_metered()):
            statements.extend(self._monthly(enterprise, source, place))
        refused: list[str] = []

        def check(chunk: BulkChunk) -> None:
            refused.extend(str(result.problem) for result in chunk.results if result.status == "refused")

        self.client.submit_bulk(statements, on_chunk=check)
        if refused:
            raise NotRefused(
                rule="demo.readings",
                value=refused[0],
                expected="every monthly reading accepted",
                message="A monthly reading was refused.",
                message_zh="有月度读数被拒绝。",
            )
        self.say(
            f"{len(statements)} statements by the other meters; one was exchanged in the year, coverage stays whole",
            f"其他计量器具提交 {len(statements)} 份声明；年中更换一台，覆盖保持完整",
        )

    def try_to_alter_a_reading(self) -> None:
        """One reading changed by 0.01: first without the meter's key, then with it. Both are refused and named."""
        plant = _enterprise(_PLANT)
        holder = self.holders[plant.meter(plant.sources[0])]
        stream = plant.sources[0].line
        found = self.client.entry_at(holder.identifier, stream, 4711)
        if found is None:
            raise NotRefused(
                rule="demo.reading", value=4711, expected="a logged reading", message="not logged", message_zh="未记录"
            )
        original = found.entry.encode("ascii")
        header, payload, signature = original.split(b".")
        plain = msgspec.json.decode(b64url_decode(payload))
        before = str(plain["body"]["quantity"])
        plain["body"]["quantity"] = format_decimal(Decimal(before) + Decimal("0.01"))
        changed = f"reading {stream} 4711 changed from {before} to {plain['body']['quantity']}"
        altered = b64url_encode(msgspec.json.encode(plain)).encode()
        self.expect_refusal(f"{changed}, old signature", b".".join([header, altered, signature]))
        body = Reading(
            start=plain["body"]["from"],
            end=plain["body"]["to"],
            quantity=plain["body"]["quantity"],
            unit=plain["body"]["unit"],
        )
        again = build(
            "reading",
            log=self.log,
            iss=holder.identifier,
            key=holder.key,
            iat=int(plain["iat"]),
            stream=stream,
            seq=4711,
            body=body,
        )
        self.expect_refusal(f"{changed}, signed anew by the meter", again)

    def report(self) -> None:
        """Every enterprise reports its year; each line cites the readings behind it, and the service adds them up."""
        factor_set = load_bundled(*inputs.FACTOR_SET)
        for enterprise in inputs.ENTERPRISES:
            activities = [
                Activity(
                    id=source.line,
                    kind=source.kind,
                    name=source.factor,
                    evidence=tuple(self.cited[enterprise.letter, source.line]),
                )
                for source in enterprise.sources
            ]
            built = build_report(
                year=inputs.YEAR,
                period_from=inputs.START.isoformat(),
                period_to=inputs.END.isoformat(),
                activities=activities,
                factor_set=factor_set,
                obligation_base=inputs.OBLIGATION_BASE,
            )
            body = msgspec.convert(built.body, Report)
            holder = self.holders[enterprise.identifier]
            if enterprise.letter == _PLANT:
                self.expect_refusal(
                    "A's report with its electricity sum off by 0.01 kWh",
                    self._sign(holder, "report", REPORTS, 1, _sum_off(body)),
                )
            self.reports[enterprise.letter] = self.client.submit(self._sign(holder, "report", REPORTS, 1, body))
            self.totals[enterprise.letter] = body.totals.obligation_tonnes
            self.say(
                f"{enterprise.letter} {enterprise.name}: {body.totals.obligation_tonnes:,} t "
                f"(scope 1 {body.totals.scope1}, scope 2 {body.totals.scope2})",
                f"{enterprise.letter} {enterprise.name}：{body.totals.obligation_tonnes:,} 吨"
                f"（范围一 {body.totals.scope1}，范围二 {body.totals.scope2}）",
            )

    def expect_refusal(self, tried: str, entry: bytes) -> None:
        """Submit what must be refused, and keep how it was. Raises NotRefused."""
        try:
            self.client.submit(entry)
        except RefusedByService as refused:
            rule = str(refused.problem.get("rule", ""))
            detail = str(refused.problem.get("detail", refused))
            self.refusals.append(Refusal(tried, rule, detail))
            chinese = str(refused.problem.get("message_zh", detail))
            self.say(
                f"refused, as it must be: {tried}\n    {rule}: {detail}",
                f"已按规则拒绝：{tried}\n    {rule}：{chinese}",
            )
            return
        raise NotRefused(
            rule="demo.accepted",
            value=tried,
            expected="a refusal",
            message=f"The service accepted: {tried}.",
            message_zh=f"服务接受了：{tried}。",
        )

    def _enrol(
        self, identifier: str, kind: Kind, key: PrivateKey, purposes: Purpose, parent: str | None = None
    ) -> None:
        body = prove_key(
            log=self.log,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purposes,
            iat=int(time.time()),
            domain=self.registry,
            parent=parent,
        )
        self._registrar_seq += 1
        self.client.enrol(self._sign(self.registrar, "key", REGISTRAR_STREAM, self._registrar_seq, body))
        self.holders[identifier] = Holder(identifier, key)

    def _monthly(self, enterprise: Enterprise, source: Source, seed: int) -> Iterator[bytes]:
        if source.annual is None:
            raise ValueError(f"{source.line} has no annual quantity")
        quantities = inputs.monthly(source.annual, seed)
        change = source.replaced_in or len(quantities) + 1
        spans = list(zip(inputs.months(), quantities, strict=True))
        for generation, part in enumerate((spans[: change - 1], spans[change - 1 :]), start=1):
            if not part:
                continue
            holder = self.holders[enterprise.meter(source, generation)]
            for seq, ((start, end), quantity) in enumerate(part, start=1):
                body = Reading(
                    start=start.isoformat(), end=end.isoformat(), quantity=format_decimal(quantity), unit=source.unit
                )
                yield self._sign(holder, "reading", source.line, seq, body, at=end)
            closing = Close(
                start=part[0][0][0].isoformat(), end=part[-1][0][1].isoformat(), last_seq=len(part), count=len(part)
            )
            yield self._sign(holder, "close", source.line, len(part) + 1, closing, at=part[-1][0][1])
            total = format_decimal(sum((quantity for _, quantity in part), Decimal(0)))
            self._cite(enterprise, source, CitedRange(holder.identifier, source.line, 1, len(part), total, source.unit))

    def _cite(self, enterprise: Enterprise, source: Source, cited: CitedRange) -> None:
        self.cited.setdefault((enterprise.letter, source.line), []).append(cited)

    def _sign(  # noqa: PLR0917 - the members of a statement, in their order
        self,
        holder: Holder,
        kind: str,
        stream: str,
        seq: int,
        body: Body,
        at: datetime | None = None,
    ) -> bytes:
        iat = int(time.time() if at is None else at.timestamp())
        return build(
            kind,
            log=self.log,
            iss=holder.identifier,
            key=holder.key,
            iat=iat,
            stream=stream,
            seq=seq,
            body=body,
        )


def _metered() -> list[tuple[Enterprise, Source]]:
    return [
        (enterprise, source)
        for enterprise in inputs.ENTERPRISES
        for source in enterprise.sources
        if source.annual is not None
    ]


def _enterprise(letter: str) -> Enterprise:
    return next(enterprise for enterprise in inputs.ENTERPRISES if enterprise.letter == letter)


def _sum_off(body: Report) -> Report:
    line = next(line for line in body.lines if line.kind == LineKind.ELECTRICITY)
    cited = line.evidence[0]
    wrong = msgspec.structs.replace(cited, quantity=format_decimal(Decimal(cited.quantity) + Decimal("0.01")))
    changed = msgspec.structs.replace(line, evidence=(wrong, *line.evidence[1:]))
    return msgspec.structs.replace(body, lines=tuple(changed if item is line else item for item in body.lines))
