"""The recipe of the receipt vectors beside it: ``python tests/vectors/receipts/make_receipts.py`` writes them again.

A small log with real signatures by seeded keys, honest entries first and then what only a dishonest operator would log.
A case is a good receipt with some members replaced, named by the mutation, with the step that must refuse it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attestation.bodies import Introduction, ProposeRecovery
from attestation.bodies.keys import subject_of
from attestation.errors import AttestationError
from attestation.examination import examine
from attestation.identifiers import account_id
from attestation.judging.enrolment import new_key
from attestation.jws import parse_compact
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import (
    FactorSetRef,
    Policy,
    Reading,
    Report,
    ReportPeriod,
    Statement,
    Totals,
    build,
    complete_recovery,
    possession_proof,
    prove_addition,
    prove_key,
    prove_recovery,
    prove_rotation,
)
from attestation.typed_data import Domain
from ledger.checkpoint import Checkpoint, Note, SignatureKind, SignerKey, sign
from ledger.merkle import MemoryTileStore, Tree, leaf_hash, verify_inclusion
from ledger.receipts import (
    Anchor,
    ChainAnchor,
    Inclusion,
    KeyEvidence,
    KeyOnChain,
    KeyStatus,
    Receipt,
    build_receipt,
    sign_status,
)
from ledger.trust import Trust

HERE = Path(__file__).parent
CHAIN_ID = 31337
NOW = 1_700_000_000
EPOCH = 0
PARK, WORKS, METER, LATE = "88.608.100/park", "88.608.5288/works", "88.608.5288/meter-1", "88.608.5288/meter-2"
VERIFIER = "88.608.777/verifier"
LIFE = "88.608.5290/life"
REGISTRAR_KEY, WORKS_KEY, METER_KEY, READING, REPORT = 0, 1, 2, 5, 12
HONEST = 14
ROTATED = {28: (30, None, None)}
"""What the log says of the key that entry 28 enrolled: entry 30 took its place."""


def secret(algorithm: Algorithm, seed: int) -> PrivateKey:
    return PrivateKey(algorithm, seed.to_bytes(32, "big"))


class Evidence:
    """A log, its keys, and receipts of it. ``seed`` makes other keys, ``name`` and ``salt`` another origin."""

    def __init__(
        self,
        *,
        name: str = "park.example",
        salt: int = 0x5A,
        seed: int = 1,
        evidence_log: bytes = b"\x11" * 20,
        registry: bytes = b"\x12" * 20,
        deployment_id: bytes | None = None,
    ) -> None:
        self.deployment_id = deployment_id or bytes([salt]) * 32
        self.origin = f"{name}/log/{self.deployment_id.hex()}"
        ed, secp = Algorithm.ED25519, Algorithm.ES256K
        keys = [secret(ed, seed * 100 + n) for n in range(6)]
        chain_keys = [secret(secp, seed * 100 + n) for n in range(4)]
        self.registrar, self.works, self.late, log, *witnesses = keys
        self.meter, self.rogue, *cosigners = chain_keys
        self.log_key = SignerKey(self.origin, SignatureKind.ED25519, log)
        self.witnesses = [
            SignerKey(f"witness.example/w{n}", SignatureKind.COSIGNATURE, key) for n, key in enumerate(witnesses)
        ]
        self.cosigners = [
            SignerKey(f"cosigner.example/c{n}", SignatureKind.EIP712, key) for n, key in enumerate(cosigners)
        ]
        self.domain = Domain(CHAIN_ID, evidence_log, self.deployment_id)
        self.registry = Domain(CHAIN_ID, registry, self.deployment_id)
        self.trust = Trust(
            log=self.origin,
            log_key=self.log_key.verifier,
            witnesses=tuple(key.verifier for key in self.witnesses),
            witness_quorum=2,
            registrar_identifier=PARK,
            registrar=self.registrar.public,
            deployment_id=self.deployment_id,
            chain_id=CHAIN_ID,
            evidence_log=evidence_log,
            identifier_registry=registry,
            cosigners=tuple(sorted(key.verifier.material for key in self.cosigners)),
            cosigner_threshold=2,
        )
        self.lives = [secret(each, seed * 100 + 50 + n) for n, each in enumerate((ed, Algorithm.ES256, secp, ed))]
        self.entries = [*self.honest(), *self.dishonest()]
        self.entries += self.key_life()
        self.tree = Tree(MemoryTileStore())
        self.tree.append_leaves([leaf_hash(entry) for entry in self.entries])

    def enrolment(
        self,
        key: PrivateKey,
        identifier: str,
        kind: Kind,
        purposes: Purpose,
        seq: int,
        *,
        by: PrivateKey | None = None,
        possession: str | None = None,
    ) -> bytes:
        body = prove_key(
            log=self.origin,
            identifier=identifier,
            kind=kind,
            key=key,
            purposes=purposes,
            iat=NOW,
            domain=self.registry,
            parent={Kind.PARK: None, Kind.VERIFIER: None, Kind.ENTERPRISE: PARK}.get(kind, WORKS),
        )
        if possession is not None:
            body = type(body)(
                subject=body.subject,
                key=body.key,
                possession=possession,
                possession_evm=body.possession_evm,
            )
        return self.entry("key", PARK, by or self.registrar, seq, body)

    def entry(self, type_: str, iss: str, key: PrivateKey, seq: int, body: Any) -> bytes:
        return build(type_, log=self.origin, iss=iss, key=key, iat=NOW, stream="s", seq=seq, body=body)

    def reading(self, seq: int, *, iss: str = METER, key: PrivateKey | None = None) -> bytes:
        start, end = (f"2023-01-01T{hour:02}:00:00+08:00" for hour in (seq, seq + 1))
        body = Reading(start=start, end=end, quantity="12.50", unit="kWh")
        return self.entry("reading", iss, key or self.meter, seq, body)

    def report(self, seq: int, *, iss: str = WORKS, key: PrivateKey | None = None) -> bytes:
        body = Report(
            year=2023,
            period=ReportPeriod(start="2023-01-01T00:00:00+08:00", end="2024-01-01T00:00:00+08:00"),
            factor_set=FactorSetRef(id="example", version="1"),
            lines=(),
            totals=Totals(scope1="0.00", scope2="0.00", obligation_base="direct", obligation_tonnes=0),
        )
        return self.entry("report", iss, key or self.works, seq, body)

    def policy(self, seq: int, *, iss: str, key: PrivateKey) -> bytes:
        body = Policy(
            policy="obligation-base",
            id="park",
            version="1",
            effective_from="2023-01-01",
            document={"year": 2023, "base": "direct"},
        )
        return self.entry("policy", iss, key, seq, body)

    def honest(self) -> list[bytes]:
        return [
            self.enrolment(self.registrar, PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION, 1),
            self.enrolment(self.works, WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, 2),
            self.enrolment(self.meter, METER, Kind.DEVICE, Purpose.DEVICE, 3),
            *(self.reading(seq) for seq in range(1, 10)),
            self.report(1),
            self.enrolment(self.late, LATE, Kind.DEVICE, Purpose.DEVICE, 4),
        ]

    def dishonest(self) -> list[bytes]:
        """Entries 14 on: what the service would have refused."""
        device = Purpose.DEVICE
        good = self.reading(20)
        alien = possession_proof(log=self.origin, identifier=METER, purposes=device, iat=NOW, key=self.rogue)
        return [
            self.enrolment(self.rogue, METER, Kind.DEVICE, device, 5, by=self.works),  # 14: not by the registrar
            self.enrolment(self.meter, METER, Kind.DEVICE, device, 6, possession=alien),  # 15: possession of another
            self.report(2, iss=METER, key=self.meter),  # 16: a device key signs a report
            good[:-8] + (b"AAAAAAAA" if not good.endswith(b"AAAAAAAA") else b"BBBBBBBA"),  # 17: a false signature
            self.reading(21, key=self.rogue),  # 18: by a key that was never enrolled by the registrar
            self.enrolment(self.meter, METER, Kind.DEVICE, device, 7),  # 19: the same key, enrolled late
            b"no statement at all",  # 20
            Evidence.foreign_reading(self),  # 21: a statement for another log
            self.enrolment(self.late, WORKS, Kind.ENTERPRISE, Purpose.ADMINISTRATION, 8),  # 22
            self.policy(1, iss=WORKS, key=self.late),  # 23: an enterprise publishes a policy
            self.enrolment(self.works, VERIFIER, Kind.VERIFIER, Purpose.STATEMENT, 9),  # 24
            self.report(1, iss=VERIFIER),  # 25: a verifier reports emissions
            self.enrolment(self.late, PARK, Kind.PARK, Purpose.ADMINISTRATION, 10),  # 26
            self.enrolment(self.rogue, METER, Kind.DEVICE, device, 11, by=self.late),  # 27: by another key of the park
        ]

    def key_life(self) -> list[bytes]:
        """Entries 28 on: an enterprise rotates, adds, and recovers its keys, and signs with each of them."""
        one, two, three, four = self.lives
        both = Purpose.STATEMENT | Purpose.ADMINISTRATION
        parts = {"log": self.origin, "identifier": LIFE, "purposes": both, "iat": NOW, "domain": self.registry}
        proposed = prove_recovery(
            log=self.origin,
            subject=LIFE,
            replaces=two.public.kid_name,
            key=four,
            purposes=both,
            iat=NOW,
            domain=self.registry,
            reason="lost",
            approvals=(),
        )
        other = prove_key(
            log=self.origin, identifier=WORKS, kind=Kind.ENTERPRISE, key=three, purposes=both, iat=NOW,
            domain=self.registry, parent=PARK,
        )  # fmt: skip
        added = prove_addition(**parts, key=three)
        return [
            self.enrolment(one, LIFE, Kind.ENTERPRISE, both, 12),  # 28
            self.report(1, iss=LIFE, key=one),  # 29
            self.entry("key", LIFE, one, 2, prove_rotation(**parts, key=two)),  # 30
            self.report(3, iss=LIFE, key=two),  # 31
            self.report(4, iss=LIFE, key=one),  # 32: by the key that was rotated away
            self.entry("key", LIFE, two, 5, added),  # 33
            self.report(6, iss=LIFE, key=three),  # 34
            self.entry("key", PARK, self.registrar, 13, complete_recovery(b"\x07" * 32, proposed)),  # 35
            self.report(7, iss=LIFE, key=four),  # 36
            self.entry("key", WORKS, self.works, 8, added),  # 37: an addition with a proof for another identifier
            self.entry("key", METER, self.meter, 9, prove_rotation(**{**parts, "identifier": METER}, key=three)),  # 38
            self.enrolment(self.registrar, LATE, Kind.ENTERPRISE, both, 14),  # 39
            self.entry("key", PARK, self.registrar, 15, other),  # 40
        ]

    def status(self, key_indices: Sequence[int], size: int, said: Mapping[int, tuple[Any, Any, Any]]) -> str:
        """The log's word on the keys of these entries; ``said``: revoked, invalid since, by."""
        keys = []
        for index in key_indices:
            revoked, since, by = said.get(index, (None, None, None))
            keys.append(KeyStatus(kid=_kid_of(self.entries[index]), revoked=revoked, invalid_since=since, by=by))
        return sign_status(self.origin, size, keys, self.log_key.private)

    def foreign_reading(self) -> bytes:
        origin = self.origin
        self.origin = "other.example/log/" + "77" * 32
        try:
            return self.reading(22)
        finally:
            self.origin = origin

    @property
    def size(self) -> int:
        return self.tree.size

    @property
    def all_signers(self) -> list[SignerKey]:
        return [self.log_key, *self.witnesses, *self.cosigners]

    def checkpoint(self, **change: Any) -> Checkpoint:
        parts = {"origin": self.origin, "size": self.size, "root": self.tree.root(), "epoch": EPOCH, **change}
        return Checkpoint(**parts)

    def note(self, signers: Sequence[SignerKey] | None = None, *, domain: Domain | None = None, **change: Any) -> Note:
        signing = self.all_signers if signers is None else signers
        return sign(self.checkpoint(**change), signing, time=NOW, domain=domain or self.domain)

    def inclusion(self, index: int, size: int | None = None) -> Inclusion:
        at = self.size if size is None else size
        return Inclusion(at, tuple(self.tree.inclusion_proof(index, at)))

    def anchor(self) -> Anchor:
        return Anchor(
            chain_id=CHAIN_ID,
            contract=self.trust.evidence_log,
            deployment_id=self.deployment_id,
            epoch=EPOCH,
            size=self.size,
            root=self.tree.root(),
            tx=b"\xaa" * 32,
            block_number=77,
            block_hash=b"\xbb" * 32,
            state="anchored",
        )

    def evidence(self, index: int) -> KeyEvidence:
        return KeyEvidence(self.entries[index], index, self.inclusion(index))

    def receipt(
        self,
        index: int,
        *key_indices: int,
        anchor: Anchor | None = None,
        said: Mapping[int, tuple[Any, Any, Any]] | None = None,
        notices: Sequence[int] = (),
    ) -> Receipt:
        return build_receipt(
            log=self.origin,
            entry=self.entries[index],
            index=index,
            inclusion=self.inclusion(index),
            keys=[self.evidence(each) for each in key_indices],
            status=self.status(key_indices, self.size + 3, said or ROTATED),
            notices=[self.evidence(each) for each in notices],
            checkpoint=self.note().format(),
            anchor=anchor or self.anchor(),
        )

    def forged_signature(self, signer: SignerKey) -> Note:
        """The note with one signer's signature taken from another checkpoint."""
        other = self.note([signer], size=self.size - 1, root=self.tree.root(self.size - 1)).signatures[0]
        lines = tuple(other if line.key_id == other.key_id else line for line in self.note().signatures)
        return Note(self.note().text, lines)


class MemoryChain:
    """The contract's rules over one log, and a chain of one anchor: a ``ChainView``."""

    def __init__(
        self,
        log: Evidence,
        *,
        final: int | None = None,
        ended: Mapping[int, tuple[int | None, int | None]] | None = None,
        unknown: Sequence[int] = (),
    ) -> None:
        """``ended``: of the key that an entry brings, where it ended and from where on it is flagged; ``unknown``:
        entries whose keys the registry has not heard of."""
        self.log = log
        self.final = final
        self.registry: dict[bytes, KeyOnChain] = {}
        for index, entry in enumerate(log.entries):
            statement = _bringing(entry)
            if statement is None:
                continue
            account = account_id(subject_of(statement.body, statement.iss))
            positions = (ended or {28: (30, None)}).get(index, (None, None))
            # A key enrols once: what a dishonest log repeats later the contract refuses.
            known = KeyOnChain(account, leaf_hash(entry), index, *positions)
            self.registry.setdefault(new_key(statement.body.key.jwk).thumbprint, known)
        self.registry = {name: key for name, key in self.registry.items() if key.log_index not in unknown}

    def chain_id(self) -> int:
        return CHAIN_ID

    def deployment_id(self, contract: bytes) -> bytes:
        assert contract == self.log.trust.evidence_log
        return self.log.deployment_id

    def root_at(self, contract: bytes, epoch: int, size: int) -> bytes | None:
        assert contract == self.log.trust.evidence_log
        return self.log.tree.root() if (epoch, size) == (EPOCH, self.log.size) else None

    def verify_inclusion(
        self, contract: bytes, epoch: int, size: int, index: int, leaf: bytes, proof: Sequence[bytes]
    ) -> None:
        verify_inclusion(leaf, index, size, proof, self.root_at(contract, epoch, size) or b"")

    def block_hash(self, number: int) -> bytes | None:
        return b"\xbb" * 32 if number == 77 else None

    def anchor_of(self, contract: bytes, tx: bytes) -> ChainAnchor | None:
        if tx != b"\xaa" * 32 or contract != self.log.trust.evidence_log:
            return None
        return ChainAnchor(EPOCH, self.log.size, self.log.tree.root(), 77, b"\xbb" * 32)

    def head_block(self) -> int:
        return 80

    def key(self, registry: bytes, thumbprint: bytes, block: int) -> KeyOnChain | None:
        assert (registry, block) == (self.log.trust.identifier_registry, 80)
        return self.registry.get(thumbprint)

    def final_block(self) -> int | None:
        return self.final


def _bringing(entry: bytes) -> Statement | None:
    """The statement of an entry that brings a key which is the identifier's from then on."""
    try:
        statement = examine(entry, parse_compact_log(entry))
        brings = isinstance(statement.body, Introduction) and not isinstance(statement.body, ProposeRecovery)
    except AttestationError:
        return None
    return statement if brings else None


def _kid_of(entry: bytes) -> str:
    """The thumbprint of the key that an entry brings; nothing for one that brings none."""
    try:
        body = examine(entry, parse_compact_log(entry)).body
    except AttestationError:
        return "none"
    return new_key(body.key.jwk).kid_name if isinstance(body, Introduction) else "none"


def parse_compact_log(entry: bytes) -> str:
    """The log that an entry names."""
    return str(json.loads(parse_compact(entry).payload).get("log"))


Path_ = tuple[str | int, ...]
Patch = list[tuple[Path_, Any]]
REMOVED = "(removed)"


def patched(document: dict[str, Any], patch: Patch) -> dict[str, Any]:
    """A copy of a document with values replaced, added or (``REMOVED``) taken away."""
    made = copy.deepcopy(document)
    for path, value in patch:
        target = made
        for step in path[:-1]:
            target = target[step]  # type: ignore[index]  # a path of names and positions
        if value == REMOVED:
            del target[path[-1]]  # type: ignore[arg-type]
        else:
            target[path[-1]] = value  # type: ignore[index]
    return made


def flip(digits: str) -> str:
    return ("1" if digits[0] != "1" else "2") + digits[1:]


def cases(log: Evidence) -> Iterator[tuple[str, int, Patch]]:
    """Name, the step that refuses, and the patch on ``good_receipt(log)``."""
    good: dict[str, Any] = json.loads(log.receipt(READING, METER_KEY).format())
    forger = Evidence(name="forger.example", salt=0x66, seed=9)
    double = Evidence(seed=9)
    proof, key_proof = good["inclusion"]["proof"], good["keys"][0]["inclusion"]["proof"]

    def note(made: Note) -> Patch:
        return [(("checkpoint",), made.format().decode())]

    def entry(index: int, *key_indices: int, **more: Any) -> Patch:
        other = json.loads(log.receipt(index, *(key_indices or (METER_KEY,)), **more).format())
        return [((name,), other[name]) for name in ("entry", "index", "inclusion", "keys", "status", "notices")]

    def status(size: int, *keys: int, by: Evidence = log, **said: Any) -> Patch:
        return [(("status",), by.status(keys, size, said.get("said", {})))]

    # 1: form
    yield "unknown-member", 1, [(("more",), 1)]
    yield "missing-member", 1, [(("anchor",), REMOVED)]
    yield "unknown-version", 1, [(("v",), 2)]
    yield "another-type", 1, [(("type",), "trust")]
    yield "index-negative", 1, [(("index",), -1)]
    yield "index-text", 1, [(("index",), "5")]
    yield "index-true", 1, [(("index",), True)]
    yield "index-beyond-exact-numbers", 1, [(("index",), 2**53)]
    yield "entry-null", 1, [(("entry",), None)]
    yield "entry-of-65536-bytes", 1, [(("entry",), "a" * 65_536)]
    yield "proof-hash-uppercase", 1, [(("inclusion", "proof", 0), "A" * 64)]
    yield "proof-hash-short", 1, [(("inclusion", "proof", 0), proof[0][:-1])]
    yield "proof-of-65-hashes", 1, [(("inclusion", "proof"), [proof[0]] * 65)]
    yield "checkpoint-without-signatures", 1, [(("checkpoint",), good["checkpoint"].split("\n\n")[0] + "\n\n")]
    yield "checkpoint-without-epoch", 1, note(log.note([log.log_key, *log.witnesses], epoch=None))
    yield "contract-in-lower-case", 1, [(("anchor", "contract"), "0x" + "ab" * 20)]
    yield "state-unknown", 1, [(("anchor", "state"), "certain")]
    yield "no-keys", 1, [(("keys",), [])]
    yield "keys-beyond-their-number", 1, [(("keys",), good["keys"] * 33)]
    yield "notices-no-list", 1, [(("notices",), {})]
    yield "status-null", 1, [(("status",), None)]
    # 2: origin
    yield "another-log", 2, [(("log",), forger.origin)]
    yield "checkpoint-of-another-origin", 2, note(log.note(origin=forger.origin))
    yield "forgers-own-log", 2, list(whole(forger))
    # 3: checkpoint
    yield "forgers-log-under-the-trusted-origin", 3, list(whole(double))
    yield "nothing-anchored-size-one-index-zero-empty-proof", 3, list(single(log, double))
    yield "checkpoint-without-log-signature", 3, note(log.note(log.all_signers[1:]))
    yield "checkpoint-signed-by-another-log-key", 3, note(log.note([double.log_key, *log.all_signers[1:]]))
    yield "checkpoint-forged-log-signature", 3, note(log.forged_signature(log.log_key))
    yield (
        "checkpoint-root-altered",
        3,
        [(("checkpoint",), good["checkpoint"].replace(*altered_root(good["checkpoint"])))],
    )
    yield "checkpoint-size-altered", 3, [(("checkpoint",), good["checkpoint"].replace(f"\n{log.size}\n", "\n23\n", 1))]
    yield "checkpoint-epoch-altered", 3, [(("checkpoint",), good["checkpoint"].replace("epoch 0", "epoch 1", 1))]
    yield "one-witness-of-two", 3, note(log.note([log.log_key, log.witnesses[0], *log.cosigners]))
    yield (
        "one-witness-twice",
        3,
        note(
            log.note([log.log_key, log.witnesses[0], *log.cosigners]).with_signatures(
                log.witnesses[0].sign(log.checkpoint().marshal(), time=NOW + 1)
            )
        ),
    )
    yield "witnesses-by-other-keys", 3, note(log.note([log.log_key, *double.witnesses, *log.cosigners]))
    yield "forged-cosignature-of-a-witness", 3, note(log.forged_signature(log.witnesses[1]))
    # 4: inclusion of the entry
    yield "wrong-leaf", 4, [(("entry",), log.entries[READING + 1].decode())]
    yield "altered-leaf", 4, [(("entry",), good["entry"][:-1] + ("A" if good["entry"][-1] != "A" else "E"))]
    yield "index-plus-one", 4, [(("index",), READING + 1)]
    yield "index-minus-one", 4, [(("index",), READING - 1)]
    yield "index-beyond-the-log", 4, [(("index",), log.size)]
    yield "size-plus-one", 4, [(("inclusion", "size"), log.size + 1)]
    yield "size-minus-one", 4, [(("inclusion", "size"), log.size - 1)]
    yield "truncated-proof", 4, [(("inclusion", "proof"), proof[:-1])]
    yield "extended-proof", 4, [(("inclusion", "proof"), [*proof, proof[0]])]
    yield "swapped-proof", 4, [(("inclusion", "proof"), [proof[1], proof[0], *proof[2:]])]
    yield "empty-proof", 4, [(("inclusion", "proof"), [])]
    for at in range(len(proof)):
        yield f"proof-hash-{at}-altered", 4, [(("inclusion", "proof", at), flip(proof[at]))]
    yield (
        "proof-of-an-older-size",
        4,
        [(("inclusion",), {"size": 10, "proof": [each.hex() for each in log.tree.inclusion_proof(READING, 10)]})],
    )
    # 5: the key entry
    here = ("keys", 0)
    yield "key-entry-altered", 5, [((*here, "entry"), good["keys"][0]["entry"][:-1] + "A")]
    yield "key-index-plus-one", 5, [((*here, "index"), METER_KEY + 1)]
    yield "key-size-minus-one", 5, [((*here, "inclusion", "size"), log.size - 1)]
    yield "key-proof-truncated", 5, [((*here, "inclusion", "proof"), key_proof[:-1])]
    swapped = [key_proof[1], key_proof[0], *key_proof[2:]]
    yield "key-proof-swapped", 5, [((*here, "inclusion", "proof"), swapped)]
    yield "notice-not-included", 5, [(("notices",), [{**good["keys"][0], "index": METER_KEY + 1}])]
    yield "rotated-key-without-the-key-that-brought-it", 5, entry(31, 30)
    yield "rotation-that-another-key-signed", 5, entry(31, 30, WORKS_KEY)
    yield "enrolment-in-the-middle", 5, entry(31, 28, 28)
    yield "keys-in-the-wrong-order", 5, entry(31, 28, 30)
    yield "addition-with-anothers-possession", 5, entry(31, 37, WORKS_KEY)
    yield "rotation-to-other-purposes", 5, entry(READING, 38, METER_KEY)
    yield "recovered-key-without-its-enrolment", 5, entry(36, 35)
    yield "recovered-key-of-another-identifier", 5, entry(36, 35, WORKS_KEY)
    yield "key-entry-that-ends-a-key", 5, entry(34, 29, 28)
    yield "key-entry-is-a-reading", 5, entry(READING, READING - 1)
    yield "key-entry-not-by-the-registrar", 5, entry(18, 14)
    yield "key-entry-by-another-key-of-the-registrar", 5, entry(18, 27)
    yield "key-entry-with-anothers-possession", 5, entry(READING, 15)
    yield "key-enrolled-after-the-entry", 5, entry(READING, 19)
    yield "key-entry-is-no-statement", 5, entry(READING, 20)
    # 6: the entry
    yield "key-of-another-identifier", 6, entry(READING, WORKS_KEY)
    yield "key-never-enrolled", 6, entry(18)
    yield "key-outside-its-purpose", 6, entry(16)
    yield "policy-by-an-enterprise", 6, entry(23, 22)
    yield "report-by-a-verifier", 6, entry(25, 24)
    yield "key-statement-by-another-key-of-the-registrar", 6, entry(27, 26)
    yield "false-signature", 6, entry(17)
    yield "no-statement", 6, entry(20)
    yield "statement-for-another-log", 6, entry(21)
    # 6: where each key could sign
    yield "key-rotated-away", 6, entry(32, 28)
    revoked = {33: (34, None, None)}
    yield "key-revoked-by-this-very-entry", 6, entry(34, 33, 30, 28, said=ROTATED | revoked)
    flagged = {33: (35, 34, 35)}
    yield "key-compromised-since-this-entry", 6, entry(34, 33, 30, 28, said=ROTATED | flagged)
    yield "key-that-brought-it-compromised-before", 6, entry(34, 33, 30, 28, said=ROTATED | {30: (35, 33, 35)})
    yield "key-that-brought-it-revoked-before", 6, entry(34, 33, 30, 28, said=ROTATED | {30: (32, None, None)})
    yield "status-by-another-log", 6, status(log.size, METER_KEY, by=double)
    yield "status-of-an-older-size", 6, status(log.size - 1, METER_KEY)
    yield "status-of-another-key", 6, status(log.size, WORKS_KEY)
    yield "status-of-no-key", 6, status(log.size)
    yield "status-is-a-promise", 6, [(("status",), good["entry"])]
    # 7: cosignatures for the chain
    yield "nothing-anchored", 7, [(("anchor",), None)]
    yield "one-cosigner-of-two", 7, note(log.note(log.all_signers[:4]))
    alias = SignerKey("alias.example", SignatureKind.EIP712, log.cosigners[0].private)
    yield "one-cosigner-twice", 7, note(log.note([*log.all_signers[:4], alias]))
    yield "cosigners-by-other-keys", 7, note(log.note([log.log_key, *log.witnesses, *double.cosigners]))
    yield "forged-cosignature-for-the-chain", 7, note(log.forged_signature(log.cosigners[0]))
    for name, domain in (
        ("chain", Domain(1, log.domain.verifying_contract, log.domain.salt)),
        ("contract", Domain(CHAIN_ID, b"\x13" * 20, log.domain.salt)),
        ("deployment", Domain(CHAIN_ID, log.domain.verifying_contract, b"\x5b" * 32)),
    ):
        yield f"cosignatures-for-another-{name}", 7, note(log.note(domain=domain))
    # 8: anchor
    yield "anchor-of-another-chain", 8, [(("anchor", "chain_id"), 1)]
    yield "anchor-of-another-contract", 8, [(("anchor", "contract"), "0x" + "22" * 20)]
    yield "anchor-of-another-deployment", 8, [(("anchor", "deployment_id"), "5b" * 32)]
    yield "anchor-of-another-epoch", 8, [(("anchor", "epoch"), 1)]
    yield "anchor-of-another-size", 8, [(("anchor", "size"), log.size - 1)]
    yield "anchor-of-another-root", 8, [(("anchor", "root"), log.tree.root(log.size - 1).hex())]
    # 9: only the chain can tell
    yield "transaction-altered", 9, [(("anchor", "tx"), "0x" + flip("aa" * 32))]
    yield "block-number-altered", 9, [(("anchor", "block_number"), 76)]
    yield "block-hash-altered", 9, [(("anchor", "block_hash"), "0x" + flip("bb" * 32))]
    yield "final-claimed", 9, [(("anchor", "state"), "final")]


def altered_root(note: str) -> tuple[str, str, int]:
    root = note.split("\n")[2]
    return root, ("A" if root[0] != "A" else "B") + root[1:], 1


def whole(log: Evidence) -> Iterator[tuple[Path_, Any]]:
    for name, value in json.loads(log.receipt(READING, METER_KEY).format()).items():
        yield (name,), value


def single(log: Evidence, forger: Evidence) -> Iterator[tuple[Path_, Any]]:
    """A tree of one leaf proves anything, if nobody trusted had to sign its root."""
    made = log.entries[REGISTRAR_KEY].decode()
    part = {"size": 1, "proof": []}
    note = forger.note(forger.all_signers, origin=log.origin, size=1, root=leaf_hash(log.entries[REGISTRAR_KEY]))
    yield ("entry",), made
    yield ("index",), 0
    yield ("inclusion",), part
    yield ("keys",), [{"entry": made, "index": 0, "inclusion": part}]
    yield ("status",), forger.status([REGISTRAR_KEY], 1, {})
    yield ("notices",), []
    yield ("checkpoint",), note.format().decode()
    yield ("anchor",), None


def files() -> dict[str, bytes]:
    """Name and bytes of every vector file."""
    log = Evidence()
    rows = [
        json.dumps(
            {"name": name, "step": step, "patch": [{"path": list(path), "value": value} for path, value in patch]},
            ensure_ascii=False,
        )
        for name, step, patch in cases(log)
    ]
    return {
        "trust.json": log.trust.format(),
        "reading.json": log.receipt(READING, METER_KEY).format(),
        "report.json": log.receipt(REPORT, WORKS_KEY).format(),
        "first-entry.json": log.receipt(REGISTRAR_KEY, REGISTRAR_KEY).format(),
        "rotated.json": log.receipt(31, 30, 28, notices=(30,)).format(),
        "rotation.json": log.receipt(30, 28).format(),
        "added.json": log.receipt(34, 33, 30, 28).format(),
        "before-rotation.json": log.receipt(29, 28, notices=(30,)).format(),
        "before-compromise.json": log.receipt(31, 30, 28, said=ROTATED | {30: (35, 32, 35)}).format(),
        "recovered.json": log.receipt(36, 35, 28).format(),
        "mutations.json": ("[\n" + ",\n".join(rows) + "\n]\n").encode(),
    }


if __name__ == "__main__":
    for name, data in files().items():
        (HERE / name).write_bytes(data)
