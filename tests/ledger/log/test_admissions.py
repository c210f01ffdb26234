"""Admissions live in the log's tables exactly as they live in a log that keeps a list and recomputes every answer from
it; ties are told to the emissions registry, once (DOMAIN 8, 47)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from attestation.admission_codes import code_hash
from attestation.bodies import Accredit, AccreditationPart, ApproveApplication, DeclareTie, ReviewApplication
from attestation.errors import AttestationError
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.typed_data import Domain
from ledger.chain.operations import Kind as IntentKind
from ledger.context import LedgerContext, LogParameters
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.log import Log
from tests.ledger.engines import migrated_postgres, migrated_sqlite
from tests.ledger.log.test_key_life import Mirrored, memory

PERSONS = ("88.608.100/li", "88.608.100/wang", "88.608.300/chen")
WHO = {
    "88.608.7000/glass": Kind.ENTERPRISE,
    "88.608.7001/steel": Kind.ENTERPRISE,
    "88.608.9000/verifier": Kind.VERIFIER,
}
CODES = tuple(f"{number:032x}" for number in range(3))
EMISSIONS = Domain(31337, b"\x33" * 20, b"\x5a" * 32)

persons, names, codes, places = (
    st.sampled_from(PERSONS),
    st.sampled_from(list(WHO)),
    st.sampled_from(CODES),
    st.integers(0, 9),
)
days = st.sampled_from(["2023-11-13", "2023-11-14", "2030-01-01"])


def parameters(log: Any) -> LogParameters:
    return LogParameters(
        memory.ORIGIN, bytes([0x5A]) * 32, memory.PARK, log.registrar, None, emissions_domain=EMISSIONS
    )


def mirrored(database: Database) -> Any:
    """A park whose log is kept twice, with two persons who admit and one of another body."""
    park = memory.Park()
    park.log = Mirrored(park.log.registrar)
    park.log.database = database
    log_key = PrivateKey(Algorithm.ED25519, bytes([7]) * 32)
    park.log.real = Log(database, parameters(park.log), log_key, lambda: park.log.now)
    park.log.real.open()
    park.enrol(memory.PARK, Kind.PARK, Purpose.ADMINISTRATION)
    park.enrol("88.608.300/bureau", Kind.REGULATOR, Purpose.STATEMENT)
    for person in PERSONS:
        parent = memory.PARK if person.startswith("88.608.100/") else "88.608.300/bureau"
        park.enrol(person, Kind.PERSON, Purpose.ADMINISTRATION, parent=parent)
    return park


class Desk(RuleBasedStateMachine):
    """Two persons and a stranger say whatever comes to their minds; both logs take and refuse the same."""

    new_database: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.park = mirrored(type(self).new_database())
        self.reviews: list[str] = []
        self.approvals: list[tuple[str, str]] = []
        """Statement id and code."""

    def say(self, body: Any, person: str) -> str | None:
        """The statement id of what both logs took; None where both refused for the same reason."""
        try:
            self.park.log.accept(self.park.sign("admission", body, iss=person, stream="admissions"))
        except AttestationError:
            return None
        return str(self.park.log.entries[-1].statement.statement_id.hex())

    @rule(person=persons, name=names, recommended=st.booleans(), grouped=st.booleans(), until=days)
    def review(self, person: str, name: str, recommended: bool, grouped: bool, until: str) -> None:
        kind = WHO[name]
        accreditation = AccreditationPart(number="1", until=until) if kind is Kind.VERIFIER else None
        said = self.say(
            ReviewApplication(
                application="0a" * 32,
                identifier=name,
                kind=kind.value,
                group="holding" if grouped else None,
                credit_code="91110000600037341L",
                accreditation=accreditation,
                recommended=recommended,
                reason="seen",
            ),
            person,
        )
        self.reviews += [said] if said else []

    @precondition(lambda self: self.reviews)
    @rule(person=persons, place=places, code=codes)
    def approve(self, person: str, place: int, code: str) -> None:
        review = self.reviews[-1 - place % len(self.reviews)]
        said = self.say(ApproveApplication(review=review, code_hash=code_hash(code)), person)
        self.approvals += [(said, code)] if said else []

    @precondition(lambda self: self.approvals)
    @rule(place=places, honest=st.booleans(), code=codes, name=names, grouped=st.booleans())
    def enrol(self, place: int, honest: bool, code: str, name: str, grouped: bool) -> None:
        """As it was approved, or as somebody likes it better."""
        admission, right = self.approvals[-1 - place % len(self.approvals)]
        group = "holding" if grouped else None
        if honest:
            review = self.park.log.approval(bytes.fromhex(admission)).review
            name, group, code = review.identifier, review.group, right
        body = self.park.key_body(name, WHO[name], Purpose.STATEMENT, group=group)
        try:
            self.park.accept_key(msgspec.structs.replace(body, admission=admission, code=code))
        except AttestationError:
            return

    @rule(person=persons, name=names, until=days)
    def accredit(self, person: str, name: str, until: str) -> None:
        self.say(Accredit(verifier=name, number="2", until=until, document_hash="0b" * 32), person)

    @rule(person=persons, a=names, b=names)
    def tie(self, person: str, a: str, b: str) -> None:
        self.say(DeclareTie(a=a, b=b, reason="one owner"), person)

    @invariant()
    def both_logs_answer_the_same(self) -> None:
        log = self.park.log
        with log.database.read() as session:
            context = LedgerContext(session, parameters(log), EntryRepository(session).state(), log.now)
            for name in WHO:
                assert context.accreditation(name) == log.accreditation(name)
                assert context.last_review(name) == log.last_review(name)
                assert [context.tied(name, other) for other in WHO] == [log.tied(name, other) for other in WHO]
            for review in map(bytes.fromhex, self.reviews):
                assert context.approval_of(review) == log.approval_of(review)

    def teardown(self) -> None:
        log = self.park.log
        with log.database.read() as session:
            told = session.scalars(select(OutboxRow).where(OutboxRow.kind == IntentKind.TIE)).all()
            said = [entry.index for entry in log.entries if isinstance(entry.statement.body, DeclareTie)]
            assert [row.position for row in told] == said, "the contract is told of each tie, once"
        log.database.close()


def test_random_days_at_the_desk_in_both_logs(tmp_path: Path) -> None:
    numbers = itertools.count()

    class Here(Desk):
        new_database = staticmethod(lambda: migrated_sqlite(tmp_path / f"{next(numbers)}.sqlite3"))

    run_state_machine_as_test(Here, settings=settings(max_examples=12, stateful_step_count=25, deadline=None))


@pytest.mark.postgres
def test_random_days_at_the_desk_over_a_server(postgres: str) -> None:
    class Here(Desk):
        new_database = staticmethod(lambda: migrated_postgres(postgres))

    run_state_machine_as_test(Here, settings=settings(max_examples=3, stateful_step_count=25, deadline=None))


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_tie_is_told_once_whoever_is_named_first(database: Database, first: str) -> None:
    park = mirrored(database)
    works, verifier = "88.608.7000/glass", "88.608.9000/verifier"
    park.enrol(works, Kind.ENTERPRISE, Purpose.STATEMENT)
    park.enrol(verifier, Kind.VERIFIER, Purpose.STATEMENT)
    a, b = (works, verifier) if first == "a" else (verifier, works)
    park.log.accept(
        park.sign("admission", DeclareTie(a=a, b=b, reason="one owner"), iss=PERSONS[0], stream="admissions")
    )
    with park.log.database.read() as session:
        (row,) = session.scalars(select(OutboxRow).where(OutboxRow.kind == IntentKind.TIE))
        payload = json.loads(row.payload)
        assert {payload["a"], payload["b"]} == {works, verifier}
        assert row.position == park.log.entries[-1].index
