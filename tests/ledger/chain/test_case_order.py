"""The order of the log, by enterprise, whatever waits: judged without a chain, over made-up rounds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attestation.identifiers import account_id
from attestation.keys import PrivateKey
from attestation.typed_data import (
    Domain,
    emissions_determination_digest,
    sign_compact_digest,
    verified_emissions_digest,
)
from ledger.chain.answer import Call, Impossible, Wait
from ledger.chain.emission_intents import (
    AssignIntent,
    DetermineIntent,
    EmissionIntent,
    EndAssignmentIntent,
    RegisterIntent,
    TieIntent,
)
from ledger.chain.intents import CompleteRecoveryIntent, CompromiseKeyIntent, RegistryIntent, RevokeKeyIntent
from ledger.chain.operations import EMISSION_KINDS
from ledger.chain.ordering import LogOrder, stolen_keys
from ledger.chain.party_order import SigningDomains
from ledger.db.base import Base, Database
from ledger.db.chain_models import ChainRecoveryRow, OutboxRow

from ..registry_life import AUDITOR, PARK, VERIFIER, WORKS, Life, key

DOMAIN = Domain(31337, b"\x13" * 20, b"\x5a" * 32)
REGISTRY = Domain(31337, b"\x12" * 20, b"\x5a" * 32)
DOMAINS = SigningDomains(emissions=DOMAIN)
LEAF, OTHER_LEAF = b"\x03" * 32, b"\x04" * 32
SIGNER = key(30)
CALL, WAIT = Call(b"\x13" * 20, b"", 1), Wait("not anchored")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'o.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


def row(place: int, intent: EmissionIntent | RegistryIntent) -> OutboxRow:
    return OutboxRow(id=place, kind=intent.KIND, payload=json.dumps(intent.to_payload()), position=place)


def register(enterprise: str, index: int, by: PrivateKey = SIGNER) -> RegisterIntent:
    digest = verified_emissions_digest(DOMAIN, account_id(enterprise), 2025, 7, LEAF, OTHER_LEAF, 1)
    leaves = (LEAF, 1, OTHER_LEAF, 2)
    return RegisterIntent(LEAF, index, enterprise, 2025, 7, 1, *leaves, sign_compact_digest(digest, by))


def determine(enterprise: str, index: int) -> DetermineIntent:
    digest = emissions_determination_digest(DOMAIN, account_id(enterprise), 2025, 7, LEAF, 1)
    approvals = tuple(sign_compact_digest(digest, key(seed)) for seed in (4, 5))
    return DetermineIntent(LEAF, index, enterprise, 2025, 7, 1, LEAF, approvals)


def order(database: Database, *in_flight: OutboxRow) -> LogOrder:
    with database.read() as session:
        return LogOrder(session, in_flight, DOMAINS)


def test_a_waiting_figure_keeps_the_keys_that_signed_it_and_no_others(database: Database) -> None:
    life = Life(REGISTRY)
    ordered = order(database)
    figure, decision = row(1, register(WORKS, 1)), row(2, determine(PARK, 2))
    for waits in (figure, decision):
        assert not ordered.holds(waits)
        ordered.saw(waits, WAIT)
    kept = [life.rotate(SIGNER, key(40), by=SIGNER), *(RevokeKeyIntent(key(n).public.kid_name, 9) for n in (4, 5, 30))]
    assert [ordered.holds(row(3 + n, intent)) for n, intent in enumerate(kept)] == [True] * 4
    free = [
        life.add(key(6), by=key(2)),
        RevokeKeyIntent(key(2).public.kid_name, 9),
        CompromiseKeyIntent(SIGNER.public.kid_name, LEAF, 3, 9),
    ]
    assert [ordered.holds(row(9 + n, intent)) for n, intent in enumerate(free)] == [False] * 3


def test_what_replaces_a_stolen_signers_key_waits_for_no_figure(database: Database) -> None:
    """The compromise takes the key's word out of turn: a rotation that consents by it would be refused after that."""
    life, thumbprint = Life(REGISTRY), SIGNER.public.kid_name
    stolen = row(7, CompromiseKeyIntent(thumbprint, LEAF, 3, 9))
    stolen.op_id, stolen.state, stolen.attempts, stolen.created_at, stolen.updated_at = LEAF, "pending", 0, 1, 1
    with database.write() as session:
        session.add(stolen)
    with database.read() as session:
        assert stolen_keys(session) == {thumbprint}
        ordered = LogOrder(session, (), DOMAINS, stolen_keys(session))
        ordered.saw(row(1, register(WORKS, 1)), WAIT)
        assert not ordered.holds(row(2, life.rotate(SIGNER, key(40), by=SIGNER)))


def test_a_recovery_that_replaces_a_signers_key_waits_for_the_figure(database: Database) -> None:
    new, another = key(41), key(42)
    with database.write() as session:
        for proposed, replaced in ((new, SIGNER), (another, key(2))):
            session.add(
                ChainRecoveryRow(
                    thumbprint=proposed.public.thumbprint, account_id=LEAF, op_id=proposed.public.thumbprint,
                    replaces=replaced.public.thumbprint, algorithm=2, purposes=6, public_key=bytes(64), leaf_hash=LEAF,
                    log_index=1, reason_hash=LEAF, ready_at=1, first_approver=bytes(20), second_approver=bytes(20),
                    tx_hash=LEAF, block_number=1,
                )
            )  # fmt: skip
    with database.read() as session:
        for proposed, held in ((another, False), (new, True)):
            ordered = LogOrder(session, (), DOMAINS)
            ordered.saw(row(1, register(WORKS, 1)), WAIT)
            complete = CompleteRecoveryIntent(proposed.public.kid_name, bytes(64), LEAF, 5)
            assert ordered.holds(row(2, complete)) is held


def test_a_figure_waits_for_the_registry_and_the_registry_for_no_figure(database: Database) -> None:
    life = Life(REGISTRY)
    ordered = order(database)
    enrolment = row(1, life.add(key(6), by=key(2)))
    ordered.saw(enrolment, WAIT)
    assert ordered.holds(row(2, AssignIntent(LEAF, 2, WORKS, 2025, VERIFIER, 1, 2)))
    ordered = order(database)
    ordered.saw(row(1, register(WORKS, 1)), WAIT)
    assert not ordered.holds(enrolment)
    assert ordered.alone(enrolment)


def test_a_refusal_is_a_figures_own_only_where_nothing_that_it_stands_on_is_on_its_way(database: Database) -> None:
    life = Life(REGISTRY)
    figure = row(9, register(WORKS, 9))
    assert order(database).alone(figure)
    assert order(database, row(1, register(PARK, 1))).alone(figure)
    assert not order(database, row(1, AssignIntent(LEAF, 1, WORKS, 2025, VERIFIER, 1, 2))).alone(figure)
    assert not order(database, row(1, TieIntent(LEAF, 1, AUDITOR, WORKS))).alone(figure)
    assert not order(database, row(1, life.add(key(6), by=key(2)))).alone(figure)


def test_what_the_contract_refuses_holds_up_nobody(database: Database) -> None:
    ordered = order(database)
    ordered.saw(row(1, register(WORKS, 1)), Impossible("VerifierSignatureInvalid"))
    assert not ordered.holds(row(2, EndAssignmentIntent(LEAF, 2, WORKS, 2025)))


ENTERPRISES = (WORKS, PARK)
SCRIPT = st.lists(
    st.tuples(st.sampled_from(["assign", "figure", "end", "tie"]), st.sampled_from(ENTERPRISES)), max_size=8
)


def intents(script: list[tuple[str, str]]) -> list[EmissionIntent]:
    made: list[EmissionIntent] = []
    for index, (what, enterprise) in enumerate(script, 1):
        match what:
            case "assign":
                made.append(AssignIntent(LEAF, index, enterprise, 2025, VERIFIER, 1, 2))
            case "figure":
                made.append(DetermineIntent(LEAF, index, enterprise, 2025, 7, 1, LEAF, (bytes(64), bytes(64))))
            case "end":
                made.append(EndAssignmentIntent(LEAF, index, enterprise, 2025))
            case _:
                made.append(TieIntent(LEAF, index, enterprise, AUDITOR))
    return made


@settings(max_examples=60, deadline=None)
@given(SCRIPT, st.lists(st.lists(st.booleans(), min_size=8, max_size=8), max_size=5))
def test_each_enterprise_is_told_of_in_the_order_of_the_log_whatever_waits(
    script: list[tuple[str, str]], ready: list[list[bool]]
) -> None:
    """Rounds in which any call may have to wait; at last none has. All are told, ties never before what they forbid."""
    said = intents(script)
    waiting, told = [row(index, intent) for index, intent in enumerate(said, 1)], list[int]()
    for able in [*ready, *[[True] * 8] * 8]:
        # No recovery is looked up: nothing here is a key's.
        ordered, sent = LogOrder(None, (), DOMAINS), []  # type: ignore[arg-type]  # as said
        for one in waiting:
            assert one.kind in EMISSION_KINDS
            if ordered.holds(one):
                continue
            answer = CALL if able[one.id - 1] else WAIT
            ordered.saw(one, answer)
            if answer is CALL:
                sent.append(one)
        told += [one.id for one in sent]
        waiting = [one for one in waiting if one not in sent]
    assert sorted(told) == list(range(1, len(said) + 1))
    for enterprise in ENTERPRISES:
        mine = [place for place in told if script[place - 1][1] == enterprise]
        acts = [place for place in mine if script[place - 1][0] != "tie"]
        assert acts == sorted(acts)
        for tie in set(mine) - set(acts):
            before = [place for place in mine[: mine.index(tie)] if place in acts]
            assert {place for place in acts if place < tie} <= set(before)
