"""A log in memory that answers the port of `attestation.context`, and a small park that signs into it.

Pure verification needs a real port to be tested against; this one keeps entries in a list and recomputes every answer
from them, with no index that could be wrong.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest

from attestation.accounting.factor_sets import FactorSet
from attestation.context import (
    CitedReadings,
    ClosedSpan,
    EntryRef,
    IdentifierRecord,
    KeyRecord,
    Period,
    RecoveryOnChain,
    RecoveryRecord,
    StreamState,
)
from attestation.encoding import b64url_encode
from attestation.errors import AttestationError
from attestation.instants import format_instant
from attestation.judging.enrolment import new_key
from attestation.judging.positions import lineage
from attestation.keys import Algorithm, Kind, PrivateKey, PublicKey, Purpose
from attestation.statements import (
    AddKey,
    Body,
    Close,
    CompleteRecovery,
    CompromiseKey,
    EnrolKey,
    Key,
    Loss,
    Policy,
    ProposeRecovery,
    Reading,
    RevokeKey,
    RotateKey,
    Statement,
    VetoRecovery,
    build,
    prove_addition,
    prove_key,
    prove_rotation,
    subject_of,
)
from attestation.typed_data import Domain
from attestation.verification import Verdict, verify

ORIGIN = "park.example/log/" + "5a" * 32
NOW = 1_700_000_000
PARK = "88.608.100/park"
WORKS = "88.608.5288/works"
METER = "88.608.5288/meter-1"
STREAM = "energy"
DELAY = 604_800
WAIT = DELAY + DELAY // 100
"""From a proposal to its completion."""


def _part(name: str) -> ModuleType:
    """A file beside this one: tests are no package."""
    spec = importlib.util.spec_from_file_location(f"attestation_tests_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MemoryDeviceFacts = _part("memory_devices").MemoryDeviceFacts
MemoryCaseFacts = _part("memory_cases").MemoryCaseFacts
MemoryAdmissionFacts = _part("memory_admissions").MemoryAdmissionFacts
MemoryPolicyFacts = _part("memory_policies").MemoryPolicyFacts
MemoryLabelFacts = _part("memory_labels").MemoryLabelFacts
MemoryAssetFacts = _part("memory_assets").MemoryAssetFacts
MemoryQuotaFacts = _part("memory_quotas").MemoryQuotaFacts
MemoryTradingFacts = _part("memory_trading").MemoryTradingFacts
MemoryMarketFacts = _part("memory_market").MemoryMarketFacts


@dataclass
class Logged:
    index: int
    statement: Statement
    verdict: Verdict
    accepted_at: int

    @property
    def ref(self) -> EntryRef:
        return EntryRef(self.index, self.statement.statement_id, self.statement.leaf_hash)


@dataclass
class MemoryLog(
    MemoryDeviceFacts,
    MemoryCaseFacts,
    MemoryAdmissionFacts,
    MemoryPolicyFacts,
    MemoryLabelFacts,
    MemoryAssetFacts,
    MemoryQuotaFacts,
    MemoryTradingFacts,
    MemoryMarketFacts,
):
    registrar: PublicKey
    registrar_identifier: str = PARK
    origin: str = ORIGIN
    now: int = NOW
    skew: int = 300
    registry_domain: Domain | None = None
    emissions_domain: Domain | None = None
    recovery_delay: int = DELAY
    entries: list[Logged] = field(default_factory=list)
    revoked: dict[str, int] = field(default_factory=dict)
    on_chain: dict[str, RecoveryOnChain | None] = field(default_factory=dict)
    index_override: int | None = None
    replayed: tuple[int, dict[str, KeyRecord]] = field(default_factory=lambda: (0, {}))

    @property
    def next_index(self) -> int:
        return len(self.entries) if self.index_override is None else self.index_override

    def accept(self, entry: bytes) -> Verdict:
        """Verify, and log unless it is a duplicate."""
        statement, verdict = verify(entry, self)
        if verdict.duplicate_of is None:
            self.entries.append(Logged(len(self.entries), statement, verdict, self.now))
        return verdict

    def identifier(self, identifier: str, /) -> IdentifierRecord | None:
        for logged, body in self._of(EnrolKey):
            if body.subject.identifier == identifier:
                subject = body.subject
                return IdentifierRecord(identifier, Kind(subject.kind), subject.parent, subject.group, logged.index)
        return None

    def _of(self, body_type):
        return [
            (logged, logged.statement.body) for logged in self.entries if isinstance(logged.statement.body, body_type)
        ]

    def _keys(self) -> dict[str, KeyRecord]:
        """Every key by its thumbprint, from all entries so far."""
        size, keys = self.replayed
        for logged in self.entries[size:]:
            if isinstance(body := logged.statement.body, Key):
                _live(keys, logged, body, self)
        self.replayed = len(self.entries), keys
        return keys | {name: replace(keys[name], revoked_index=at) for name, at in self.revoked.items()}

    def key(self, identifier: str, thumbprint_b64: str, /) -> KeyRecord | None:
        found = self._keys().get(thumbprint_b64)
        return found if found is not None and found.identifier == identifier else None

    def key_owner(self, thumbprint_b64: str, /) -> str | None:
        found = self._keys().get(thumbprint_b64)
        return None if found is None else found.identifier

    def keys_of(self, identifier: str, /) -> Sequence[KeyRecord]:
        return [key for key in self._keys().values() if key.identifier == identifier]

    def _recoveries(self) -> list[RecoveryRecord]:
        ended = {body.proposal: "vetoed" for _, body in self._of(VetoRecovery)}
        ended |= {body.proposal: "completed" for _, body in self._of(CompleteRecovery)}
        return [
            RecoveryRecord(
                logged.statement.statement_id,
                logged.index,
                body.subject,
                body.replaces,
                new_key(body.key.jwk),
                Purpose.parse(body.key.purposes),
                logged.accepted_at,
                ended.get(logged.statement.statement_id.hex(), "pending"),
            )
            for logged, body in self._of(ProposeRecovery)
        ]

    def recovery(self, statement_id: bytes, /) -> RecoveryRecord | None:
        return next((found for found in self._recoveries() if found.statement_id == statement_id), None)

    def recovery_of(self, thumbprint_b64: str, /) -> RecoveryRecord | None:
        return next((found for found in self._recoveries() if found.key.kid_name == thumbprint_b64), None)

    def recovery_on_chain(self, thumbprint_b64: str, /) -> RecoveryOnChain | None:
        """A chain without delays of its own: it holds a proposal as soon as the log does, unless told otherwise."""
        if thumbprint_b64 in self.on_chain:
            return self.on_chain[thumbprint_b64]
        proposal = self.recovery_of(thumbprint_b64)
        return None if proposal is None else RecoveryOnChain(proposal.proposed_at + self.recovery_delay, False)

    def entry(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        return next((logged.ref for logged in self._in(issuer, stream) if logged.statement.seq == seq), None)

    def _in(self, issuer: str, stream: str) -> list[Logged]:
        found = [e for e in self.entries if (e.statement.iss, e.statement.stream) == (issuer, stream)]
        return sorted(found, key=lambda logged: logged.statement.seq)

    def _readings(self, issuer: str, stream: str) -> list[Logged]:
        return [e for e in self._in(issuer, stream) if e.statement.type == "reading"]

    def _closes(self, issuer: str, stream: str) -> list[Logged]:
        return [e for e in self._in(issuer, stream) if e.statement.type == "close"]

    def stream(self, issuer: str, stream: str, /) -> StreamState:
        entries, closes = self._in(issuer, stream), self._closes(issuer, stream)
        return StreamState(
            entries[-1].statement.seq if entries else 0,
            len(entries),
            closes[-1].statement.seq if closes else 0,
            closes[-1].verdict.period[1] if closes else 0,
        )

    def neighbours(self, issuer: str, stream: str, seq: int, /) -> tuple[Period | None, Period | None]:
        periods = [Period(*e.verdict.period, e.statement.seq) for e in self._readings(issuer, stream)]
        below = [p for p in periods if p.seq < seq]
        above = [p for p in periods if p.seq > seq]
        return (below[-1] if below else None), (above[0] if above else None)

    def readings_between(self, issuer: str, stream: str, after_seq: int, up_to_seq: int, /) -> int:
        return sum(after_seq < e.statement.seq <= up_to_seq for e in self._readings(issuer, stream))

    def closed_span(self, issuer: str, stream: str, seq: int, /) -> ClosedSpan | None:
        after = 0
        for close in self._closes(issuer, stream):
            if close.statement.seq > seq:
                body = close.statement.body
                return ClosedSpan(after, body.last_seq, body.count, *close.verdict.period)
            after = close.statement.seq
        return None

    def _losses(self, issuer: str, stream: str) -> list[tuple[Logged, Loss]]:
        return [(e, body) for e, body in self._of(Loss) if (body.device, body.stream) == (issuer, stream)]

    def loss_of(self, issuer: str, stream: str, seq: int, /) -> EntryRef | None:
        return next((e.ref for e, b in self._losses(issuer, stream) if b.first_seq <= seq <= b.last_seq), None)

    def open_seqs(self, issuer: str, stream: str) -> set[int]:
        logged = {e.statement.seq for e in self._in(issuer, stream)}
        missing = set(range(1, max(logged, default=0))) - logged
        return {seq for seq in missing if self.loss_of(issuer, stream, seq) is None}

    def open_range(self, issuer: str, stream: str, seq: int, /) -> tuple[int, int] | None:
        free = self.open_seqs(issuer, stream)
        if seq not in free:
            return None
        first = last = seq
        while first - 1 in free:
            first -= 1
        while last + 1 in free:
            last += 1
        return first, last

    def cited(self, issuer: str, stream: str, first_seq: int, last_seq: int, /) -> CitedReadings | None:
        readings = [e for e in self._readings(issuer, stream) if first_seq <= e.statement.seq <= last_seq]
        units = {e.statement.body.unit for e in readings}
        if len(readings) != last_seq - first_seq + 1 or len(units) != 1:
            return None
        total = sum((e.verdict.quantity for e in readings), Decimal(0))
        named = [e.statement.body.meter for e in readings]
        other = next((meter for meter in reversed(named) if meter != named[-1]), named[-1])
        return CitedReadings(
            len(readings),
            total,
            units.pop(),
            readings[0].verdict.period[0],
            readings[-1].verdict.period[1],
            (named[-1],) if other == named[-1] else (other, named[-1]),
        )

    def factor_set(self, factor_set_id: str, version: str, /) -> FactorSet | None:
        for _, body in self._of(Policy):
            if (body.policy, body.id, body.version) == ("factor-set", factor_set_id, version):
                return FactorSet.from_document(body.document)
        return None

    def policy(self, policy: str, policy_id: str, version: str, /) -> EntryRef | None:
        for logged, body in self._of(Policy):
            if (body.policy, body.id, body.version) == (policy, policy_id, version):
                return logged.ref
        return None


def _live(keys: dict[str, KeyRecord], logged: Logged, body: Key, log: MemoryLog) -> None:
    """What a ``key`` entry makes of the keys before it."""
    index, statement = logged.index, logged.statement
    if isinstance(body, EnrolKey | AddKey | RotateKey | CompleteRecovery):
        signer = keys.get(statement.kid_key)
        authorised_by, depth = (None, 1) if signer is None else lineage(signer, log)
        added = KeyRecord(
            subject_of(body, statement.iss),
            new_key(body.key.jwk),
            Purpose.parse(body.key.purposes),
            index,
            None,
            authorised_by=authorised_by,
            depth=depth,
        )
        keys[added.key.kid_name] = added
    ended = {RotateKey: statement.kid_key}.get(type(body)) or getattr(body, "thumbprint", None)
    if isinstance(body, CompleteRecovery):
        ended = body.replaces
    if ended is not None and keys[ended].revoked_index is None:
        keys[ended] = replace(keys[ended], revoked_index=index)
    if isinstance(body, CompromiseKey):
        _flag(keys, body.thumbprint, body.invalid_since, index)


def _flag(keys: dict[str, KeyRecord], thumbprint: str, since: int, index: int) -> None:
    """The key and, recursively, every key that it authorised from then on."""
    record = keys[thumbprint]
    if record.compromised_since is not None and record.compromised_since <= since:
        return
    revoked = index if record.revoked_index is None else record.revoked_index
    keys[thumbprint] = replace(record, compromised_since=since, revoked_index=revoked)
    for name, other in list(keys.items()):
        if other.authorised_by == thumbprint and other.activated_index >= since:
            _flag(keys, name, other.activated_index, index)


def seeded(algorithm: Algorithm, seed: int) -> PrivateKey:
    """A private key that is the same in every run."""
    return PrivateKey(algorithm, seed.to_bytes(32))


class Park:
    """A log with a registrar (entry 0), and the keys of whoever is enrolled, by identifier."""

    def __init__(self, *, domain: Domain | None = None, algorithm: Algorithm = Algorithm.ED25519) -> None:
        self.keys = {PARK: seeded(algorithm, 1)}
        self.log = MemoryLog(self.keys[PARK].public, registry_domain=domain)
        self.seqs: dict[tuple[str, str], int] = {}

    @classmethod
    def with_meter(cls) -> Park:
        """The registrar, one enterprise and its meter, enrolled."""
        park = cls()
        park.enrol(PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
        park.enrol(WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, parent=PARK)
        park.enrol(METER, Kind.DEVICE, Purpose.DEVICE, parent=WORKS)
        return park

    def next_seq(self, iss: str, stream: str) -> int:
        return self.log.stream(iss, stream).last_seq + 1

    def sign(
        self,
        type_: str,
        body: Body,
        *,
        iss: str,
        stream: str = STREAM,
        seq: int | None = None,
        iat: int = NOW,
        key: PrivateKey | None = None,
        log: str = ORIGIN,
    ) -> bytes:
        return build(
            type_,
            log=log,
            iss=iss,
            key=key or self.keys[iss],
            iat=iat,
            stream=stream,
            seq=self.next_seq(iss, stream) if seq is None else seq,
            body=body,
        )

    def key_body(
        self,
        identifier: str,
        kind: Kind,
        purposes: Purpose,
        *,
        parent: str | None = None,
        group: str | None = None,
        key: PrivateKey | None = None,
        algorithm: Algorithm = Algorithm.ED25519,
    ) -> EnrolKey:
        if key is None:
            key = self.keys.setdefault(identifier, seeded(algorithm, 100 + len(self.keys)))
        return prove_key(
            log=ORIGIN,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purposes,
            iat=NOW,
            domain=self.log.registry_domain,
            parent=parent,
            group=group,
        )

    def enrol(self, identifier: str, kind: Kind, purposes: Purpose, **options) -> Verdict:
        return self.accept_key(self.key_body(identifier, kind, purposes, **options))

    def sign_key(self, body: Key, *, iss: str = PARK, **options) -> bytes:
        return self.sign("key", body, iss=iss, stream="keys", **options)

    def accept_key(self, body: Key, **options) -> Verdict:
        return self.log.accept(self.sign_key(body, **options))

    def new_key(self, identifier: str, key: PrivateKey, purposes: Purpose, **options) -> dict[str, object]:
        """What the builders of additions, rotations and recoveries want to know."""
        domain = self.log.registry_domain
        members = {"log": ORIGIN, "identifier": identifier, "key": key, "purposes": purposes, "iat": NOW}
        return members | {"domain": domain} | options

    def add(self, identifier: str, key: PrivateKey, purposes: Purpose, *, by: PrivateKey | None = None, **options):
        """One more key for the identifier, signed by its key `by`, its first one unless told otherwise."""
        return self.accept_key(
            prove_addition(**self.new_key(identifier, key, purposes, **options)), iss=identifier, key=by
        )

    def rotate(self, identifier: str, key: PrivateKey, *, by: PrivateKey | None = None, **options) -> Verdict:
        """Another key in place of `by`, with its purposes."""
        old = by or self.keys[identifier]
        record = self.log.key(identifier, old.public.kid_name)
        body = prove_rotation(**self.new_key(identifier, key, record.purposes, **options))
        return self.accept_key(body, iss=identifier, key=old)

    def revoke(self, identifier: str, key: PrivateKey, *, iss: str = PARK, by: PrivateKey | None = None) -> Verdict:
        body = RevokeKey(thumbprint=key.public.kid_name, identifier=identifier)
        return self.accept_key(body, iss=iss, key=by)

    def compromise(self, identifier: str, stolen: PrivateKey, since: int, **options) -> Verdict:
        thumbprint = stolen.public.kid_name
        body = CompromiseKey(thumbprint=thumbprint, identifier=identifier, invalid_since=since, reason="stolen laptop")
        return self.accept_key(body, **options)

    def reading(
        self,
        seq: int,
        *,
        quantity: str = "1.50",
        unit: str = "kWh",
        start: str | None = None,
        end: str | None = None,
        meter: str | None = None,
        **options,
    ) -> bytes:
        """Reading `seq` of the meter: quarter of an hour `seq - 1` of 2023-01-01, unless told otherwise."""
        body = Reading(
            start=start or quarter(seq - 1), end=end or quarter(seq), quantity=quantity, unit=unit, meter=meter
        )
        return self.sign("reading", body, iss=options.pop("iss", METER), seq=seq, **options)

    def close(
        self, seq: int, *, count: int, last_seq: int | None = None, start: int = 0, end: int | None = None
    ) -> bytes:
        body = Close(
            start=quarter(start),
            end=quarter(seq - 1 if end is None else end),
            last_seq=seq - 1 if last_seq is None else last_seq,
            count=count,
        )
        return self.sign("close", body, iss=METER, seq=seq)

    def loss(self, first: int, last: int, *, device: str = METER, of: str = STREAM, **options) -> bytes:
        """The meter's stream has no readings `first` to `last`; said by the works in a stream of its own, unless told
        otherwise."""
        body = Loss(
            device=device, stream=of, first_seq=first, last_seq=last, reason=options.pop("reason", "flooded meter pit")
        )
        options = {"iss": WORKS, "stream": "losses"} | options
        return self.sign("loss", body, **options)


def quarter(number: int) -> str:
    """The start of quarter hour `number` since 2023-01-01T00:00:00Z."""
    return format_instant(1_672_531_200 + 900 * number)


@contextmanager
def refused(rule: str, step: int, value: str | None = None) -> Iterator[pytest.ExceptionInfo[AttestationError]]:
    """The block is refused by that rule at that step, and the refusal names the value."""
    with pytest.raises(AttestationError) as caught:
        yield caught
    error = caught.value
    assert (error.rule, error.step) == (rule, step), str(error)
    assert error.value
    assert error.expected
    assert error.message
    assert error.message_zh
    if value is not None:
        assert value in error.value, str(error)


def refusal_of(call: Callable[..., object], *arguments: object) -> AttestationError | None:
    """The refusal that a call ends with, or None where it succeeds; any other exception passes through."""
    try:
        call(*arguments)
    except AttestationError as refusal:
        return refusal
    return None


def header_of(iss: str, key: PrivateKey, type_: str = "reading") -> dict[str, object]:
    return {
        "alg": key.algorithm.value,
        "kid": f"{iss}#{key.public.kid_name}",
        "typ": f"tanlu-{type_}+jws",
    }


def payload_of(iss: str = METER, **changed: object) -> dict[str, object]:
    """The payload of the meter's first reading, with members changed, added, or (by `...`) left out."""
    body = {"from": quarter(0), "to": quarter(1), "quantity": "1.50", "unit": "kWh"}
    payload: dict[str, object] = {
        "v": 1,
        "type": "reading",
        "log": ORIGIN,
        "iss": iss,
        "iat": NOW,
        "stream": STREAM,
        "seq": 1,
        "body": body,
    }
    payload |= changed
    return {name: value for name, value in payload.items() if value is not ...}


def forge(header: object, payload: object, key: PrivateKey) -> bytes:
    """A rightly signed entry of any header and payload: objects as compact JSON, bytes and text as they are."""
    parts = [part if isinstance(part, bytes) else _text(part).encode() for part in (header, payload)]
    signing_input = ".".join(b64url_encode(part) for part in parts).encode()
    return signing_input + b"." + b64url_encode(key.sign(signing_input)).encode()


def _text(part: object) -> str:
    return part if isinstance(part, str) else json.dumps(part, ensure_ascii=False, separators=(",", ":"))
