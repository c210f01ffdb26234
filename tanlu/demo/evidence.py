"""Step 2: a year of evidence. Meters sign, one is exchanged in the year, coal is weighed and entered by hand; a reading
changed by 0.01 is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec

from attestation.accounting import CitedRange
from attestation.bodies.devices import InstallDevice, ReplaceDevice
from attestation.decimals import exact_sum, format_decimal
from attestation.encoding import b64url_decode, b64url_encode
from attestation.statements import Close, Reading
from tanlu.client import BulkChunk
from tanlu.demo import inputs
from tanlu.demo.actors import Actors, Holder, NotRefused
from tanlu.demo.inputs import Enterprise, Meter
from tanlu.demo.reports import Cited
from tanlu.importing import Importer
from tanlu.importing import Meter as ImportedMeter
from tanlu.journal import Journal
from tanlu.readings import PRESETS, read_meter_file

DEVICES = "devices"
ALTERED_SEQ = 4711
_PLANT = "A"
_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Evidence:
    """The year's readings. ``cited``: the ranges that reports rest on; ``progress(done, total)`` of the long import."""

    actors: Actors
    progress: Callable[[int, int], None]
    cited: Cited = field(default_factory=dict)

    def install(self) -> None:
        """Where a meter has a multiplier or is exchanged, its enterprise says so (DOMAIN 42)."""
        for place, (enterprise, meter) in enumerate(_metered()):
            if meter.multiplier == 1 and meter.replaced_in is None:
                continue
            holder = self.actors.holders[enterprise.identifier]
            first = InstallDevice(
                device=enterprise.device(meter),
                at=inputs.START.isoformat(),
                unit=meter.unit,
                opening="0",
                multiplier=str(meter.multiplier),
                accuracy_percent="0.5",
            )
            self.actors.submit(holder, "device", DEVICES, first)
            if meter.replaced_in is not None:
                shown = inputs.monthly(meter, place)[: meter.replaced_in - 1]
                change = ReplaceDevice(
                    device=enterprise.device(meter),
                    at=inputs.months()[meter.replaced_in - 1][0].isoformat(),
                    closing=format_decimal(exact_sum(shown)),
                    by=enterprise.device(meter, 2),
                    opening="0",
                    multiplier=str(meter.multiplier),
                    unit=meter.unit,
                    accuracy_percent="0.5",
                )
                self.actors.submit(holder, "device", DEVICES, change)

    def replay_plant(self, meter_file: Path, journal: Path) -> None:
        """A's electricity meter signs a year of real intervals, in true time order, through the bulk route."""
        plant, meter, holder = self._plant()
        file = read_meter_file(meter_file, PRESETS["steel"], meter.unit, now=int(time.time()))
        device = ImportedMeter(self.actors.log, holder.identifier, meter.stream, holder.key)
        header: dict[str, object] = {"file": meter_file.name, "rows": len(file.rows), "stream": meter.stream}
        with Journal(journal, header) as kept:
            importer = Importer(self.actors.client, device, file)
            plan = importer.plan(kept.first_seq)
            kept.start(plan.first_seq)
            rows = len(file.rows)
            done = importer.run(plan, kept, close=True, on_progress=lambda count: self.progress(count, rows))
        cited = CitedRange(holder.identifier, meter.stream, done.first_seq, done.last_seq, done.total, done.unit)
        self._cite(plant, meter, cited)
        self.actors.say(
            f"A's meter signed {len(file.rows):,} readings, {done.total} {done.unit}",
            f"A 的电表签署了 {len(file.rows):,} 条读数，合计 {done.total} {done.unit}",
        )

    def read_other_meters(self) -> None:
        """Every other meter signs twelve monthly readings; A enters its deliveries of coal by hand."""
        statements: list[bytes] = []
        for place, (enterprise, meter) in enumerate(_metered()):
            statements.extend(self._monthly(enterprise, meter, place))
        statements.extend(self._weigh())
        refused: list[str] = []

        def check(chunk: BulkChunk) -> None:
            refused.extend(str(result.problem) for result in chunk.results if result.status == "refused")

        self.actors.client.submit_bulk(statements, on_chunk=check)
        if refused:
            raise NotRefused(
                rule="demo.readings",
                value=refused[0],
                expected="every reading accepted",
                message="A reading was refused.",
                message_zh="有读数被拒绝。",
            )
        self.actors.say(
            f"{len(statements)} statements by the other meters and A's weighbridge; one meter was exchanged in the "
            "year, coverage stays whole",
            f"其他计量器具与 A 的地磅提交 {len(statements)} 份声明；年中更换一台，覆盖保持完整",
        )

    def try_to_alter_a_reading(self) -> None:
        """One reading changed by 0.01: first without the meter's key, then with it. Both are refused and named."""
        _, meter, holder = self._plant()
        stream = meter.stream
        found = self.actors.client.entry_at(holder.identifier, stream, ALTERED_SEQ)
        if found is None:
            raise NotRefused(
                rule="demo.reading",
                value=ALTERED_SEQ,
                expected="a logged reading",
                message="The reading to be altered is not logged.",
                message_zh="待改动的读数未入账。",
            )
        header, payload, signature = found.entry.encode("ascii").split(b".")
        plain = msgspec.json.decode(b64url_decode(payload))
        before = str(plain["body"]["quantity"])
        plain["body"]["quantity"] = format_decimal(Decimal(before) + Decimal("0.01"))
        changed = f"reading {stream} {ALTERED_SEQ} changed from {before} to {plain['body']['quantity']}"
        changed_zh = f"读数 {stream} {ALTERED_SEQ} 由 {before} 改为 {plain['body']['quantity']}"
        altered = b64url_encode(msgspec.json.encode(plain)).encode()
        self.actors.expect_refusal(
            f"{changed}, old signature", f"{changed_zh}，沿用旧签名", b".".join([header, altered, signature])
        )
        body = msgspec.convert(plain["body"], Reading)
        again = self.actors.sign(holder, "reading", stream, body, seq=ALTERED_SEQ)
        self.actors.expect_refusal(f"{changed}, signed anew by the meter", f"{changed_zh}，由电表重新签名", again)

    def _plant(self) -> tuple[Enterprise, Meter, Holder]:
        plant = inputs.enterprise(_PLANT)
        meter = plant.sources[0].meters[0]
        return plant, meter, self.actors.holders[plant.device(meter)]

    def _monthly(self, enterprise: Enterprise, meter: Meter, seed: int) -> Iterator[bytes]:
        quantities = inputs.monthly(meter, seed)
        change = meter.replaced_in or len(quantities) + 1
        spans = list(zip(inputs.months(), quantities, strict=True))
        for generation, part in zip(meter.generations, (spans[: change - 1], spans[change - 1 :]), strict=False):
            holder = self.actors.holders[enterprise.device(meter, generation)]
            yield from self._readings(holder, meter, part)
            closing = Close(
                start=part[0][0][0].isoformat(), end=part[-1][0][1].isoformat(), last_seq=len(part), count=len(part)
            )
            yield self.actors.sign(holder, "close", meter.stream, closing, seq=len(part) + 1, at=part[-1][0][1])
            self._cite(enterprise, meter, _cited(holder, meter, [quantity for _, quantity in part]))

    def _weigh(self) -> Iterator[bytes]:
        """A's deliveries of coal, entered by hand from the weighbridge's tickets."""
        plant = inputs.enterprise(_PLANT)
        meter = next(meter for meter in plant.meters() if meter.weighed)
        holder, delivered = self.actors.holders[plant.identifier], inputs.deliveries()
        spans = [((one.day, one.day + _DAY), one.tonnes) for one in delivered]
        yield from self._readings(holder, meter, spans, by_hand=plant.device(meter))
        self._cite(plant, meter, _cited(holder, meter, [one.tonnes for one in delivered]))

    def _readings(
        self, holder: Holder, meter: Meter, spans: list[tuple[Span, Decimal]], by_hand: str | None = None
    ) -> Iterator[bytes]:
        for seq, ((start, end), quantity) in enumerate(spans, start=1):
            body = Reading(
                start=start.isoformat(),
                end=end.isoformat(),
                quantity=format_decimal(quantity),
                unit=meter.unit,
                meter=by_hand,
            )
            yield self.actors.sign(holder, "reading", meter.stream, body, seq=seq, at=end)

    def _cite(self, enterprise: Enterprise, meter: Meter, cited: CitedRange) -> None:
        self.cited.setdefault((enterprise.letter, meter.name), []).append(cited)


def _cited(holder: Holder, meter: Meter, quantities: list[Decimal]) -> CitedRange:
    return CitedRange(
        holder.identifier,
        meter.stream,
        1,
        len(quantities),
        format_decimal(exact_sum(quantities)),
        meter.unit,
        multiplier=None if meter.multiplier == 1 else str(meter.multiplier),
        part=meter.part,
    )


def _metered() -> list[tuple[Enterprise, Meter]]:
    """The meters that sign monthly readings of their own."""
    return [
        (enterprise, meter)
        for enterprise in inputs.ENTERPRISES
        for meter in enterprise.meters()
        if not meter.weighed and (meter.annual is not None or meter.months)
    ]
