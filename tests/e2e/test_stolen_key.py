"""A stolen key's story, through real processes: what it signed before and after, what is declared, what is flagged,
what receipts then say, and how its holder comes back (laws 6 and 7; docs/receipts.md)."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
from click.testing import CliRunner
from eth_account import Account
from eth_utils.address import to_canonical_address

from attestation.accounting import Activity, CitedRange, LineKind, build_report, load_bundled
from attestation.examination import examine
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import (
    CompleteRecovery,
    CompromiseKey,
    Policy,
    ProposeRecovery,
    Report,
    RevokeKey,
    VetoRecovery,
    approve_recovery,
    complete_recovery,
    prove_recovery,
    prove_rotation,
)
from ganache import development_keys
from ledger.chain.contracts import IdentifierRegistry
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from tanlu.cli import main
from tanlu.client import Client, Credentials
from tanlu.errors import EntryFlagged, RefusedByService
from tanlu.keyring import write_key
from tests.faults.installation import TOGETHER, Installation
from tests.faults.signers import FIRST_QUARTER, PARK, QUARTER, Registrar, Signer, instant
from tests.faults.supervision import Operator

WORKS, METER, BUREAU = "88.608.5288/A", "88.608.5288/A_METER_1", "88.608.2/BUREAU"
WANG, LI = "88.608.1/PERSON_WANG", "88.608.2/PERSON_LI"
DELAY = 6
BOTH = Purpose.STATEMENT | Purpose.ADMINISTRATION
FACTORS = ("cets-steel", "03.01-v01-2024")
RECEIPT_SECONDS = 60.0
CHAIN_SECONDS = 60.0
MILL = "88.608.5290/MILL"
PENDING = 1
"""``RecoveryState.PENDING`` of the contract."""
T = TypeVar("T")


@dataclass
class World:
    """One deployment, everybody's keys, and what is signed with them."""

    installation: Installation
    client: Client
    office: Registrar
    holders: dict[str, Signer] = field(default_factory=dict)
    seqs: dict[tuple[str, str], int] = field(default_factory=dict)

    def enrol(self, identifier: str, kind: Kind, purposes: Purpose, algorithm: Algorithm, parent: str | None) -> None:
        self.holders[identifier], entry = self.office.enrol(identifier, kind, purposes, algorithm, parent=parent)
        self.client.enrol(entry)

    def say(self, kind: str, who: Signer, body: Any, stream: str = "keys") -> int:
        """Sign and submit at the stream's next place; the index."""
        place = (who.identifier, stream)
        seq = self.seqs.get(place, self.client.stream(*place).last_seq) + 1
        index = self.client.submit(who.sign(kind, stream, seq, body)).index
        self.seqs[place] = seq
        return index

    def root(self, kind: str, body: Any) -> int:
        """The registrar says something."""
        return self.say(kind, Signer(self.office.log, PARK, self.installation.registrar()), body, "decisions")

    def read(self, who: Signer, seq: int) -> int:
        """A reading of one quarter hour."""
        return self.client.submit(who.reading(seq, "2.50")).index

    def receipt(self, index: int, path: Path) -> Path:
        """The receipt as the service gives it, not judged here."""
        deadline = time.monotonic() + RECEIPT_SECONDS
        while True:
            try:
                response = self.client._transport.request("GET", f"/v1/entries/{index}/receipt")
                break
            except RefusedByService as refused:
                if refused.status != 409 or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        path.write_bytes(response.content)
        return path

    def verify(self, receipt: Path, *options: str) -> tuple[int, dict[str, Any]]:
        """Exit code and JSON answer of `tanlu verify`."""
        trust = str(self.installation.trust_file)
        done = CliRunner().invoke(main, ["--json", "verify", str(receipt), "--trust", trust, *options])
        return done.exit_code, json.loads(done.stdout)

    def proofs(self, identifier: str, key: PrivateKey, purposes: Purpose) -> dict[str, Any]:
        """What proves that a new key's holder wants it."""
        return {
            "log": self.office.log, "identifier": identifier, "key": key, "purposes": purposes,
            "iat": int(time.time()), "domain": self.installation.registry,
        }  # fmt: skip

    def proposal(self, subject: str, replaces: PrivateKey, key: PrivateKey, purposes: Purpose) -> ProposeRecovery:
        """A recovery that two persons of two bodies approve."""
        members: dict[str, Any] = {
            "subject": subject, "replaces": replaces.public.kid_name, "purposes": purposes, "reason": "stolen",
        }  # fmt: skip
        domain = self.installation.registry
        approvals = [
            approve_recovery(domain=domain, identifier=who, by=self.holders[who].key, key=key.public, **members)
            for who in (WANG, LI)
        ]
        log, iat = self.office.log, int(time.time())
        return prove_recovery(log=log, key=key, iat=iat, domain=domain, approvals=approvals, **members)

    def until(self, ask: Callable[[], T], enough: Callable[[T], bool]) -> T:
        """Ask again until the answer is enough."""
        deadline = time.monotonic() + CHAIN_SECONDS
        while not enough(answer := ask()):
            assert time.monotonic() < deadline, answer
            time.sleep(0.5)
        return answer

    def complete(self, root: Signer, completion: CompleteRecovery) -> None:
        """Complete a recovery as soon as log and contract take it."""

        def attempt() -> str:
            try:
                self.say("key", root, completion, "decisions")
            except RefusedByService as refused:
                return refused.rule
            return "completed"

        done = self.until(attempt, lambda found: found not in {"recovery.not_on_chain", "recovery.early"})
        assert done == "completed"

    def refused(self, kind: str, who: Signer, body: Any, stream: str = "keys") -> str:
        """The rule by which a statement is refused."""
        with pytest.raises(RefusedByService) as caught:
            self.say(kind, who, body, stream)
        return caught.value.rule


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("stolen")
    installation = Installation.make(folder / "home", recovery_delay=DELAY)
    who = Credentials(PARK, installation.registrar())
    with (
        Operator(installation, folder / "output", TOGETHER),
        Client(installation.url, trust=installation.trust_file, credentials=who, evidence=folder / "kept") as client,
    ):
        made = World(installation, client, Registrar(installation))
        client.enrol(installation.first_entry())
        made.enrol(WORKS, Kind.ENTERPRISE, BOTH, Algorithm.ED25519, PARK)
        made.enrol(METER, Kind.DEVICE, Purpose.DEVICE, Algorithm.ES256K, WORKS)
        made.enrol(BUREAU, Kind.REGULATOR, Purpose.STATEMENT, Algorithm.ED25519, None)
        made.enrol(WANG, Kind.PERSON, Purpose.ADMINISTRATION, Algorithm.ES256K, PARK)
        made.enrol(LI, Kind.PERSON, Purpose.ADMINISTRATION, Algorithm.ES256K, BUREAU)
        yield made


def _consented(world: World, who: Signer, key: PrivateKey, purposes: Purpose) -> Any:
    return prove_rotation(**world.proofs(who.identifier, key, purposes), consent=who.key)


def _report(world: World) -> Report:
    document = load_bundled(*FACTORS)
    world.root(
        "policy",
        Policy(
            policy="factor-set",
            id=FACTORS[0],
            version=FACTORS[1],
            effective_from="2020-01-01",
            document=document.document(),
        ),
    )
    cited = CitedRange(METER, "electricity", 1, 6, "15.00", "kWh")
    line = Activity(id="power", kind=LineKind.ELECTRICITY, name="ets_constant/2021", evidence=(cited,))
    built = build_report(
        year=2020,
        period_from=instant(FIRST_QUARTER),
        period_to=instant(FIRST_QUARTER + 100 * QUARTER),
        activities=[line],
        factor_set=document,
        obligation_base="direct",
    )
    return msgspec.convert(built.body, Report)


@pytest.mark.chain
def test_a_stolen_keys_story(world: World, tmp_path: Path) -> None:
    meter, works = world.holders[METER], world.holders[WORKS]
    rpc = ("--rpc", world.installation.rpc_url)

    # The meter signs; then a thief does, with the same key, and brings a key of his own.
    honest = [world.read(meter, seq) for seq in range(1, 5)]
    false = [world.read(meter, seq) for seq in (5, 6)]
    old_receipt = world.receipt(false[0], tmp_path / "old.json")
    thief = Signer(meter.log, METER, PrivateKey.generate(Algorithm.ES256K))
    rotation = world.say("key", meter, _consented(world, meter, thief.key, Purpose.DEVICE))
    derived = world.read(thief, 7)
    assert world.refused("reading", meter, json_reading(meter, 8), "electricity") == "key.revoked"
    report = world.say("report", works, _report(world), "reports")

    # The enterprise stops its meter's key at once; from where it cannot be believed, the registrar decides.
    body = RevokeKey(thumbprint=thief.key.public.kid_name, identifier=METER, reason="stolen")
    revoked = world.say("key", works, body)
    assert world.refused("key", works, body) == "revocation.repeated"
    since = CompromiseKey(
        thumbprint=meter.key.public.kid_name, identifier=METER, invalid_since=false[0], reason="taken from the cabinet"
    )
    assert world.refused("key", works, since) == "purpose.registrar"
    declared = world.root("key", since)
    assert world.refused("reading", thief, json_reading(thief, 8), "electricity") == "key.revoked"

    # What is flagged.
    response = world.client._transport.request("GET", f"/v1/keys/{meter.key.public.kid_name}/flagged")
    found = response.json()
    assert found["compromised_since"] == false[0]
    assert [(one["index"], one["why"]) for one in found["entries"]] == [
        (false[0], "direct"),
        (false[1], "direct"),
        (rotation, "direct"),
        (derived, "derived"),
        (report, "citing"),
    ]

    # What receipts say: before the position, after it, by the thief's key, and one that was fetched before.
    code, answer = world.verify(world.receipt(honest[1], tmp_path / "before.json"), *rpc)
    assert code == 0, answer
    said = next(one["text"] for one in answer["checked"] if "revoked or called compromised" in one["text"])
    assert int(said.rpartition(" ")[2]) > declared
    notices = json.loads((tmp_path / "before.json").read_bytes())["notices"]
    assert {one["index"] for one in notices} <= {rotation, declared}
    code, answer = world.verify(world.receipt(false[1], tmp_path / "after.json"))
    assert (code, answer["error"]["rule"]) == (1, "receipt.key.compromised")
    assert str(declared) in answer["error"]["message"]
    with pytest.raises(EntryFlagged, match=f"Entry {false[1]} is flagged.*entry {declared} declares") as flagged:
        world.client.receipt(false[1])
    assert flagged.value.receipt == (tmp_path / "after.json").read_bytes()
    code, answer = world.verify(world.receipt(derived, tmp_path / "derived.json"))
    assert (code, answer["error"]["rule"]) == (1, "receipt.key.compromised")
    code, answer = world.verify(old_receipt)
    assert code == 0, "an old receipt stays as it was"
    size = json.loads(old_receipt.read_bytes())["inclusion"]["size"]
    assert size <= declared
    code, answer = world.until(lambda: world.verify(old_receipt, *rpc), lambda found: found[0] == 1)
    assert (code, answer["error"]["rule"], answer["error"]["step"]) == (1, "receipt.key.compromised", 9)
    _, answer = world.verify(old_receipt)
    left = next(one["text"] for one in answer["not_checked"] if "declares a key compromised" in one["text"])
    assert f"from {size} on" in left or any(f"from {later} on" in left for later in range(size, declared + 1))

    # The holder comes back: two persons of two bodies, a delay, and nobody objects.
    new = Signer(meter.log, METER, PrivateKey.generate(Algorithm.ES256K))
    proposal = world.proposal(METER, meter.key, new.key, Purpose.DEVICE)
    proposed = world.client.entry(world.root("key", proposal))
    completion = complete_recovery(bytes.fromhex(proposed.statement_id), proposal)
    root = Signer(meter.log, PARK, world.installation.registrar())
    assert world.refused("key", root, completion, "decisions") in {"recovery.not_on_chain", "recovery.early"}
    assert world.refused("reading", new, json_reading(new, 8), "electricity") == "key.unknown"
    world.complete(root, completion)
    recovered = world.read(new, 8)
    code, answer = world.verify(world.receipt(recovered, tmp_path / "recovered.json"), *rpc)
    assert code == 0, answer
    for gone in (meter, thief):
        assert world.refused("reading", gone, json_reading(gone, 9), "electricity") == "key.revoked"
    assert revoked < declared


@pytest.mark.chain
def test_a_recovery_that_the_holder_vetoes_never_takes_effect(world: World) -> None:
    works = world.holders[WORKS]
    other = PrivateKey.generate(Algorithm.ED25519)
    proposal = world.proposal(WORKS, works.key, other, BOTH)
    statement_id = world.client.entry(world.root("key", proposal)).statement_id
    world.say("key", works, VetoRecovery(proposal=statement_id))
    root = Signer(works.log, PARK, world.installation.registrar())
    completion = complete_recovery(bytes.fromhex(statement_id), proposal)
    assert world.refused("key", root, completion, "decisions") == "recovery.state"
    one_body = proposal_by_one_body(world)
    assert world.refused("key", root, one_body, "decisions") == "approval.same_body"


@pytest.mark.chain
def test_a_holder_whom_the_service_keeps_out_vetoes_on_chain(world: World, tmp_path: Path) -> None:
    """Anybody may bring the word to the contract; the log believes it."""
    new = PrivateKey.generate(Algorithm.ES256K)
    world.enrol(MILL, Kind.ENTERPRISE, BOTH, Algorithm.ES256K, PARK)
    holder = world.holders[MILL].key
    # The word needs nothing but the thumbprint; made now, it comes in time on a slow machine too.
    call = objection(world, tmp_path, holder, new.public.kid_name)
    proposal = world.proposal(MILL, holder, new, BOTH)
    statement_id = world.client.entry(world.root("key", proposal)).statement_id
    domain = world.installation.registry
    with contextlib.closing(Rpc(world.installation.rpc_url)) as rpc:
        registry = IdentifierRegistry(rpc, domain.verifying_contract)
        thumbprint = new.public.thumbprint
        world.until(lambda: registry.view("recoveryOf", thumbprint)[0], lambda found: found[6] == PENDING)
        assert call["chain_id"] == rpc.chain_id()
        carrier = Account.from_key(development_keys(world.installation.rpc_url, rpc.chain_id())[5])
        signed = sign(
            carrier,
            chain_id=rpc.chain_id(),
            nonce=rpc.nonce(account_address(carrier)),
            fee=2 * current_fee(rpc),
            gas=200_000,
            to=to_canonical_address(call["to"]),
            data=bytes.fromhex(call["data"][2:]),
        )
        rpc.send_raw(signed.raw)
        assert rpc.wait_for_receipt(signed.hash, deadline=30).succeeded
    root = Signer(world.office.log, PARK, world.installation.registrar())
    completion = complete_recovery(bytes.fromhex(statement_id), proposal)
    rule, _ = world.until(
        lambda: (world.refused("key", root, completion, "decisions"), None),
        lambda found: found[0] not in {"recovery.early", "recovery.not_on_chain"},
    )
    assert rule == "recovery.state"
    # Nothing changed for the holder.
    (still,) = (world.client.identifier(MILL) or {})["keys"]
    assert (still["thumbprint"], still["revoked_index"]) == (holder.public.kid_name, None)


def objection(world: World, folder: Path, holder: PrivateKey, thumbprint: str) -> dict[str, Any]:
    """The veto for the contract, as the command makes it, by its key file alone."""
    password = folder / "password"
    password.write_text("a password for tests\n")
    password.chmod(0o600)
    write_key(folder / "mill.key", holder, "a password for tests", identifier=MILL, purposes=BOTH)
    arguments = ("keys", "recover", "object", thumbprint, "--key", str(folder / "mill.key"))
    trust = ("--trust", str(world.installation.trust_file), "--password-file", str(password))
    done = CliRunner().invoke(main, ["--json", *arguments, *trust])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def json_reading(who: Signer, seq: int) -> Any:
    """The body of a reading of that quarter hour."""
    return examine(who.reading(seq, "2.50"), who.log).body


def proposal_by_one_body(world: World) -> ProposeRecovery:
    """Approved by the same person twice over two names of one body."""
    second = "88.608.1/PERSON_ZHAO"
    world.enrol(second, Kind.PERSON, Purpose.ADMINISTRATION, Algorithm.ES256K, PARK)
    works, key = world.holders[WORKS], PrivateKey.generate(Algorithm.ED25519)
    good = world.proposal(WORKS, works.key, key, BOTH)
    again = approve_recovery(
        domain=world.installation.registry,
        identifier=second,
        by=world.holders[second].key,
        subject=WORKS,
        replaces=works.key.public.kid_name,
        key=key.public,
        purposes=BOTH,
        reason="stolen",
    )
    return msgspec.structs.replace(good, approvals=(good.approvals[0], again))
