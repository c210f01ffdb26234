"""The log over its tables judges as a log judges that keeps a list and recomputes every answer from it.

Random statements of few streams, seqs and instants, so that repeats, equivocations, gaps, late readings, closes,
overlaps, citations and corrections meet often; submitted in random chunks, since a chunk's lines must see one another.
"""

from __future__ import annotations

import importlib.util
import itertools
import sys
from pathlib import Path
from types import ModuleType

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.errors import AttestationError
from attestation.instants import format_instant
from attestation.keys import Kind, PrivateKey, Purpose
from attestation.statements import Close, Policy, Reading, parse_body
from ledger.context import LogParameters
from ledger.log import Accepted, Log
from tests.ledger.engines import migrated_sqlite


def _memory_log() -> ModuleType:
    name = "memory_log_of_attestation"
    path = Path(__file__).parents[2] / "attestation" / "memory_log.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


memory = _memory_log()
BASE = memory.NOW - 90 * 86_400
STEP = 3_600
FACTORS = load_bundled("cets-steel", "03.01-v01-2024")

seqs = st.integers(1, 7)
readings = st.tuples(
    st.just("reading"), st.sampled_from(["a", "b"]), seqs, st.integers(0, 8), st.integers(1, 2), st.sampled_from("123")
)
closes = st.tuples(
    st.just("close"), st.sampled_from(["a", "b"]), seqs, st.integers(0, 2), st.integers(3, 9), st.integers(0, 5)
)
reports = st.tuples(st.just("report"), seqs, seqs, seqs, st.integers(0, 3), st.booleans())
operations = st.lists(st.one_of(readings, readings, readings, closes, reports), min_size=1, max_size=25)


class Pair:
    """One park, two logs."""

    def __init__(self, folder: Path, number: int) -> None:
        self.park = memory.Park()
        self.accepted_reports: list[str] = []
        database = migrated_sqlite(folder / f"{number}.sqlite3")
        parameters = LogParameters(memory.ORIGIN, bytes(32), memory.PARK, self.park.log.registrar, None)
        self.log = Log(
            database, parameters, PrivateKey(self.park.log.registrar.algorithm, bytes([7] * 32)), lambda: memory.NOW
        )
        self.log.open()
        self.database = database
        for identifier, kind, purposes, parent in (
            (memory.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION, None),
            (memory.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, memory.PARK),
            (memory.METER, Kind.DEVICE, Purpose.DEVICE, memory.WORKS),
        ):
            entry = self.park.sign_key(self.park.key_body(identifier, kind, purposes, parent=parent))
            self.submit([entry])
        policy = Policy(
            policy="factor-set",
            id=FACTORS.id,
            version=FACTORS.version,
            effective_from="2023-01-01",
            document=dict(FACTORS.document()),
        )
        self.submit([self.park.sign("policy", policy, iss=memory.PARK, stream="policies")])

    def submit(self, entries: list[bytes]) -> None:
        """Both logs judge the entries; the outcomes must be the same."""
        expected = [self._in_memory(entry) for entry in entries]
        found = []
        for outcome in self.log.submit(entries).outcomes:
            if isinstance(outcome, Accepted):
                found.append((outcome.ref.index, outcome.repeated, outcome.opens_gap))
            else:
                found.append((outcome.error.step, outcome.error.rule, outcome.error.value))
        assert found == expected

    def _in_memory(self, entry: bytes) -> tuple[object, object, object]:
        index = self.park.log.next_index
        try:
            verdict = self.park.log.accept(entry)
        except AttestationError as error:
            return error.step, error.rule, error.value
        if verdict.duplicate_of is not None:
            return verdict.duplicate_of.index, True, None
        return index, False, verdict.opens_gap

    def entry(self, operation: tuple) -> bytes:  # type: ignore[type-arg]  # one of three shapes
        if operation[0] == "reading":
            _, stream, seq, start, length, quantity = operation
            body = Reading(
                start=format_instant(BASE + start * STEP),
                end=format_instant(BASE + (start + length) * STEP),
                quantity=quantity,
                unit="MWh",
            )
            return self.park.sign("reading", body, iss=memory.METER, stream=stream, seq=seq)
        if operation[0] == "close":
            _, stream, seq, start, end, count = operation
            body = Close(
                start=format_instant(BASE + start * STEP),
                end=format_instant(BASE + end * STEP),
                last_seq=seq - 1,
                count=count,
            )
            return self.park.sign("close", body, iss=memory.METER, stream=stream, seq=seq)
        return self._report(*operation[1:])

    def _report(self, seq: int, first: int, last: int, start: int, supersedes: bool) -> bytes:
        first, last = min(first, last), max(first, last)
        summed = self.park.log.cited(memory.METER, "a", first, last)
        quantity = "1" if summed is None else str(summed.total)
        built = build_report(
            year=2023,
            period_from=format_instant(BASE + start * STEP),
            period_to=format_instant(BASE + 12 * STEP),
            activities=[
                Activity(
                    id="power",
                    kind=LineKind.ELECTRICITY,
                    name="ets_constant/2022",
                    evidence=(CitedRange(memory.METER, "a", first, last, quantity, "MWh"),),
                )
            ],
            factor_set=FACTORS,
            obligation_base="direct",
            supersedes=self._last_report() if supersedes else None,
        )
        body = parse_body("report", built.body)
        return self.park.sign("report", body, iss=memory.WORKS, stream="reports", seq=seq)

    def _last_report(self) -> str | None:
        found = [e.statement.statement_id.hex() for e in self.park.log.entries if e.statement.type == "report"]
        return found[-1] if found else None


numbers = itertools.count()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=operations, sizes=st.lists(st.integers(1, 6), min_size=25, max_size=25))
@example(
    operations=[("reading", "a", seq, seq, 1, "1") for seq in (1, 2, 3)]
    + [
        ("report", 1, 1, 3, 0, False),
        ("report", 2, 1, 2, 0, False),
        ("report", 2, 1, 2, 0, True),
        ("close", "a", 4, 0, 5, 3),
    ],
    sizes=[3] * 25,
)
def test_tables_and_list_judge_alike(
    tmp_path: Path,
    operations: list[tuple],
    sizes: list[int],  # type: ignore[type-arg]  # of three shapes
) -> None:
    pair = Pair(tmp_path, next(numbers))
    rest = list(operations)
    for size in sizes:
        chunk, rest = rest[:size], rest[size:]
        if chunk:
            pair.submit([pair.entry(operation) for operation in chunk])
    pair.database.close()
