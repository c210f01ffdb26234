"""``tanlu keys recover``: who lost a key comes back by two persons, a delay, and no veto (law 7)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from attestation.encoding import b64url_decode
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import recover, recovery_veto_digest
from tanlu.keyring import open_key, read_card, write_key

from ...conftest import ENTERPRISE, METER, PARK, PASSWORD, World
from ..conftest import Json, Run
from .conftest import BOTH, LI, WANG, WORKS, ZHAO, Office

DELAY = 2
"""Seconds; long enough that a proposal and a first, refused completion fit in."""
FOREIGN = Path(__file__).parents[3] / "vectors" / "receipts" / "trust.json"


@pytest.fixture
def world() -> World:
    return World(recovery_delay=DELAY)


@dataclass
class Hands:
    """The files of one recovery as they go from hand to hand."""

    answer: Json
    office: Office
    folder: Path
    subject: str
    purposes: Purpose

    def request(self, *, reason: str = "the phone fell into the quench tank") -> Path:
        new, out = self.folder / "recovered.key", self.folder / "request.json"
        key = PrivateKey.generate(Algorithm.ES256K)
        write_key(new, key, PASSWORD, identifier=self.subject, purposes=self.purposes)
        lost = self.office.thumbprint(self.subject)
        self.answer("keys", "recover", "request", new, "--replaces", lost, "--reason", reason, "--out", out)
        return out

    def approve(self, request: Path, who: str, *, name: str | None = None, code: int = 0) -> Any:
        out = self.folder / (name or f"{who.rpartition('/')[2]}.approval")
        done = self.answer("keys", "recover", "approve", request, "--key", self.office.files[who], "-o", out, code=code)
        return done if code else out

    def propose(self, request: Path, *approvals: Path, code: int = 0) -> dict[str, Any]:
        named = [word for path in approvals for word in ("--approval", path)]
        key = self.office.files[PARK]
        return self.answer("keys", "recover", "propose", request, *named, "--key", key, code=code)

    def proposed(self) -> int:
        """The index of a proposal by two persons of two bodies."""
        request = self.request()
        done = self.propose(request, self.approve(request, WANG), self.approve(request, LI))
        return int(done["index"])

    def veto(self, index: int, who: str | Path, *, code: int = 0) -> dict[str, Any]:
        key = self.office.files[who] if isinstance(who, str) else who
        return self.answer("keys", "recover", "veto", index, "--key", key, code=code)

    def complete(self, index: int, who: str = PARK, *, code: int = 0) -> dict[str, Any]:
        return self.answer("keys", "recover", "complete", index, "--key", self.office.files[who], code=code)


@pytest.fixture
def hands(answer: Json, office: Office, tmp_path: Path) -> Hands:
    """The works lost its only key."""
    return Hands(answer, office, tmp_path, WORKS, BOTH)


def test_a_lost_key_is_recovered_by_two_persons_after_the_delay(hands: Hands, answer: Json, run: Run) -> None:
    office, lost = hands.office, hands.office.thumbprint(WORKS)
    request = hands.request()
    approvals = [hands.approve(request, who) for who in (WANG, LI)]
    assert json.loads(approvals[0].read_text())["identifier"] == WANG
    before = time.time()
    proposed = hands.propose(request, *approvals)
    index, new = proposed["index"], read_card(hands.folder / "recovered.key").public.kid_name
    assert (proposed["replaces"], proposed["thumbprint"]) == (lost, new)
    assert proposed["ready_at"] >= int(before) + DELAY

    # The notice: whoever asks after the key is told of it.
    (notice,) = answer("keys", "show", lost)["recoveries"]
    assert (notice["index"], notice["state"], notice["ready_at"]) == (index, "pending", proposed["ready_at"])
    shown = run("keys", "show", lost, "--lang", "zh")
    assert f"不早于 {format_instant(proposed['ready_at'])}" in shown.stdout
    assert f"第 {index} 条记录提议恢复（等待中）" in shown.stdout

    # While the contract does not know of it, nobody could object there.
    assert notice["on_chain"] is None
    assert hands.complete(index, code=1)["rule"] == "recovery.not_on_chain"
    office.project(index)
    assert answer("keys", "show", lost)["recoveries"][0]["on_chain"]["withdrawn"] is False

    # Too early: refused before it is signed, so that its place stays free.
    seq = office.client.stream(PARK, "keys").last_seq
    early = hands.complete(index, code=1)
    assert early["rule"] == "recovery.early"
    assert office.client.keys.find(new) is None

    time.sleep(max(0.0, proposed["ready_at"] - time.time()) + 0.1)
    done = hands.complete(index)
    assert (done["thumbprint"], done["replaces"], done["seq"]) == (new, lost, seq + 1)
    old, found = office.client.keys.find(lost), office.client.keys.find(new)
    assert old is not None
    assert found is not None
    assert old.revoked_index == found.activated_index == done["index"]
    assert (found.purposes, found.depth) == (("statement", "administration"), 1)
    assert answer("keys", "list", WORKS)["keys"][1]["thumbprint"] == new
    # And it speaks for its holder.
    rotated = answer("keys", "rotate", "--key", hands.folder / "recovered.key", "--out", hands.folder / "next.key")
    assert rotated["identifier"] == WORKS
    assert hands.complete(index, code=1)["rule"] == "recovery.state"


def test_the_log_itself_refuses_what_comes_too_early(hands: Hands) -> None:
    """What the command judges beforehand is not what keeps the delay."""
    from attestation.statements import complete_recovery
    from tanlu.client import KeyLife
    from tanlu.errors import RefusedByService

    office = hands.office
    index = hands.proposed()
    office.project(index)
    proposal = KeyLife(office.client, office.world.administration, office.world.trust).bodies.proposal(index)
    body = complete_recovery(proposal.statement_id, proposal.body)
    with pytest.raises(RefusedByService) as refused:
        office.client.submit(office.world.sign("key", PARK, office.world.registrar, "decisions", 1, body))
    assert refused.value.rule == "recovery.early"


def test_a_vetoed_recovery_is_over(hands: Hands) -> None:
    index = hands.proposed()
    vetoed = hands.veto(index, WORKS)
    assert (vetoed["identifier"], vetoed["proposal"]) == (WORKS, index)
    time.sleep(DELAY + 0.1)
    refused = hands.complete(index, code=1)
    assert (refused["rule"], refused["value"].split()[0]) == ("recovery.state", "vetoed")
    assert hands.veto(index, WORKS, code=1)["rule"] == "recovery.state"
    found = hands.office.client.keys.find(hands.office.thumbprint(WORKS))
    assert found is not None
    assert found.revoked_index is None


def test_a_recovery_that_was_vetoed_on_chain_is_over(hands: Hands, answer: Json) -> None:
    """A holder whom the service does not let in can object at the contract."""
    index = hands.proposed()
    hands.office.project(index, vetoed=2)
    time.sleep(DELAY + 0.1)
    (told,) = answer("keys", "show", hands.office.thumbprint(WORKS))["recoveries"]
    assert told["on_chain"]["withdrawn"] is True
    assert hands.complete(index, code=1)["rule"] == "recovery.state"


def test_an_es256k_holder_vetoes_for_the_registry_contract_too(answer: Json, office: Office, tmp_path: Path) -> None:
    hands = Hands(answer, office, tmp_path, ENTERPRISE, Purpose.STATEMENT)
    vetoed = hands.veto(hands.proposed(), ENTERPRISE)
    logged = office.client.entry(vetoed["index"]).entry
    from attestation.examination import examine

    assert examine(logged.encode(), office.world.trust.log).body.veto_evm.startswith("0x")


def test_nobody_else_vetoes(hands: Hands) -> None:
    index = hands.proposed()
    for who in (METER, WANG, PARK):
        assert hands.veto(index, who, code=1)["rule"] == "recovery.veto_subject"
    assert hands.office.client.keys.find(hands.office.thumbprint(WORKS)).recoveries[0].state == "pending"  # type: ignore[union-attr]  # it is there


def test_nobody_else_proposes_or_completes(hands: Hands) -> None:
    request = hands.request()
    approvals = [hands.approve(request, who) for who in (WANG, LI)]
    named = [word for path in approvals for word in ("--approval", path)]
    command = ("keys", "recover", "propose", request, *named, "--key", hands.office.files[WANG])
    assert hands.answer(*command, code=1)["rule"] == "purpose.registrar"
    index = hands.propose(request, *approvals)["index"]
    assert hands.complete(index, LI, code=1)["rule"] == "purpose.registrar"


@pytest.mark.parametrize(
    ("who", "rule"),
    [
        ((WANG, WANG), "approval.same_person"),
        ((WANG, ZHAO), "approval.same_body"),
        ((WANG,), "approval.count"),
        ((WANG, ZHAO, LI), "approval.count"),
    ],
)
def test_approvals_that_are_not_of_two_bodies_propose_nothing(hands: Hands, who: tuple[str, ...], rule: str) -> None:
    request, size = hands.request(), hands.office.size()
    approvals = [hands.approve(request, person, name=f"{number}.json") for number, person in enumerate(who)]
    assert hands.propose(request, *approvals, code=1)["rule"] == rule
    assert hands.office.size() == size
    key = hands.office.files[PARK]
    assert not key.with_name(key.name + ".signed").exists(), "nothing was signed that would be refused"


def test_a_request_that_was_edited_after_the_approvals_has_none(hands: Hands) -> None:
    request = hands.request()
    approvals = [hands.approve(request, who) for who in (WANG, LI)]
    document = json.loads(request.read_text())
    document["body"]["reason"] = "another story"
    request.write_text(json.dumps(document))
    assert hands.propose(request, *approvals, code=1)["rule"] == "approval.signature"


def test_another_key_with_its_own_proofs_has_no_approvals(hands: Hands, tmp_path: Path) -> None:
    """A new key put in between approval and proposal."""
    approved = hands.request()
    approvals = [hands.approve(approved, who) for who in (WANG, LI)]
    folder = tmp_path / "between"
    folder.mkdir()
    other = Hands(hands.answer, hands.office, folder, WORKS, BOTH).request()
    assert hands.propose(other, *approvals, code=1)["rule"] == "approval.signature"


@pytest.mark.parametrize("member", ["subject", "jwk", "purposes", "possession", "possession_evm", "approvals", "log"])
def test_an_altered_request_is_not_approved(hands: Hands, member: str) -> None:
    request = hands.request()
    document = json.loads(request.read_text())
    body = document["body"]
    if member == "subject":
        body["subject"] = ENTERPRISE
    elif member == "jwk":
        body["key"]["jwk"] = PrivateKey.generate(Algorithm.ES256K).public.to_jwk()
    elif member == "purposes":
        body["key"]["purposes"] = ["statement"]
    elif member == "possession":
        body["possession"] = body["possession"][:-4] + "AAAA"
    elif member == "possession_evm":
        del body["possession_evm"]
    elif member == "approvals":
        body["approvals"] = []
    else:
        document["log"] = "other.test/log/" + "0" * 64
    request.write_text(json.dumps(document))
    refused = hands.approve(request, WANG, code=1)
    expected = {"approvals": "recovery.request", "log": "request.log"}.get(member, "possession.")
    assert refused["rule"].startswith(expected)
    assert not (hands.folder / "WANG.approval").exists()


def test_an_approval_is_printed_where_no_file_is_named_and_says_what_is_approved(hands: Hands, run: Run) -> None:
    request = hands.request()
    result = run("keys", "recover", "approve", request, "--key", hands.office.files[WANG])
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document == json.loads(hands.approve(request, WANG).read_text()), "ES256K signs deterministically (RFC 6979)"
    assert hands.office.thumbprint(WORKS) in result.stderr
    assert "quench tank" in result.stderr


def test_only_an_es256k_key_for_administration_approves(hands: Hands) -> None:
    request = hands.request()
    for who, rule in ((WORKS, "key.algorithm"), (ENTERPRISE, "approval.purpose")):
        assert hands.approve(request, who, code=1)["rule"] == rule


def test_a_revoked_person_approves_nothing(hands: Hands) -> None:
    request = hands.request()
    approvals = [hands.approve(request, who) for who in (WANG, LI)]
    hands.answer("keys", "revoke", hands.office.thumbprint(LI), "--key", hands.office.files[LI])
    assert hands.propose(request, *approvals, code=1)["rule"] == "approval.revoked"


@pytest.mark.parametrize("text", ["", "[]", '{"v":1,"type":"recovery-approval"}', '{"v":1,"v":1}', '{"a":1.5}'])
def test_a_file_of_another_form_is_refused_by_its_name(hands: Hands, text: str) -> None:
    request = hands.request()
    bad = hands.folder / "bad.json"
    bad.write_text(text)
    refused = hands.propose(request, bad, bad, code=1)
    assert refused["rule"] in {"recovery.approval", "request.log"}
    assert "bad.json" in refused["message"]
    refused = hands.approve(bad, WANG, code=1)
    assert refused["rule"] == "recovery.request"


def test_an_index_that_proposes_nothing_is_refused(hands: Hands) -> None:
    for command in (hands.complete, hands.veto):
        refused = command(0, PARK, code=1)
        assert (refused["rule"], refused["value"]) == ("recovery.entry", "entry 0: key enrol")
        assert command(10_000, PARK, code=1)["rule"] == "entries.index"


def test_files_that_exist_are_not_written_over(hands: Hands) -> None:
    request = hands.request()
    before = request.read_text()
    new = hands.folder / "recovered.key"
    command = (
        "keys",
        "recover",
        "request",
        new,
        "--replaces",
        hands.office.thumbprint(WORKS),
        "--reason",
        "x",
        "--out",
    )
    assert hands.answer(*command, request, code=1)["rule"] == "file.exists"
    assert request.read_text() == before
    hands.approve(request, WANG)
    assert hands.approve(request, WANG, code=1)["rule"] == "file.exists"


def test_a_request_for_a_log_of_another_trust_file_is_not_approved(hands: Hands) -> None:
    request = hands.request()
    command = ("keys", "recover", "approve", request, "--key", hands.office.files[WANG], "--trust", FOREIGN)
    assert hands.answer(*command, code=1)["rule"] == "request.log"


def test_a_veto_for_the_contract_needs_no_service_and_is_the_holders(hands: Hands, answer: Json) -> None:
    """What the contract makes of it: tests/e2e/test_stolen_key.py."""
    key, proposed = hands.office.files[WANG], hands.office.thumbprint(LI)
    call = answer("keys", "recover", "object", proposed, "--key", key)
    assert (call["identifier"], call["thumbprint"]) == (WANG, proposed)
    selector, arguments = call["data"][2:10], bytes.fromhex(call["data"][10:])
    assert selector == keccak(text="vetoRecovery(bytes32,(bytes32,bytes32))")[:4].hex()
    assert arguments[:32] == b64url_decode(proposed)
    trust = hands.office.world.trust
    digest = recovery_veto_digest(trust.registry_domain, account_id(WANG), arguments[:32])
    assert recover(digest, arguments[32:]) == open_key(key, PASSWORD).private.public.evm_address
    assert (call["to"].lower(), call["chain_id"]) == (f"0x{trust.identifier_registry.hex()}", trust.chain_id)


@pytest.mark.parametrize(("thumbprint", "rule"), [("abc", "thumbprint.format"), ("A" * 44, "thumbprint.format")])
def test_a_veto_for_no_key_is_none(hands: Hands, answer: Json, thumbprint: str, rule: str) -> None:
    done = answer("keys", "recover", "object", thumbprint, "--key", hands.office.files[WANG], code=1)
    assert done["rule"] == rule


def test_only_a_chain_key_speaks_to_the_contract(hands: Hands, answer: Json) -> None:
    done = answer("keys", "recover", "object", "A" * 43, "--key", hands.office.files[PARK], code=1)
    assert done["rule"] == "key.algorithm"
