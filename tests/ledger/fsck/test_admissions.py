"""fsck names a row of admission that no entry says, says otherwise, or that is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from attestation.admission_codes import code_hash
from attestation.bodies import (
    Accredit,
    AccreditationPart,
    Approval,
    ApproveApplication,
    BaseYear,
    DeclareTie,
    Opening,
    ReviewApplication,
)
from attestation.judging.openings import approval_digest
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.proofs import prove_key
from attestation.statements import Body
from attestation.typed_data import sign_compact_digest
from ledger.db.base import Database
from ledger.log import Accepted, Log

from .stores import ENTERPRISE, NOW, ORIGIN, PARK, Made, Maker

LI, CHEN, BUREAU, VERIFIER = "88.608.1/LI", "88.608.2/CHEN", "88.608.2/BUREAU", "88.608.9000/V"
WANG = "88.608.1/WANG"
CODE = "0f" * 16


class Admitting:
    """Lets a verifier in, over the real log of a store that is there."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.database = Database(f"sqlite:///{maker.path}")
        self.log = Log(self.database, maker.parameters, maker.log_key, lambda: NOW)
        self.log.open()
        self.keys = {person: PrivateKey.generate(Algorithm.ES256K) for person in (LI, WANG, CHEN)}
        self.seqs = dict.fromkeys(self.keys, 0)

    def take(self, entry: bytes) -> str:
        (outcome,) = self.log.submit([entry]).outcomes
        assert isinstance(outcome, Accepted), outcome
        return outcome.ref.statement_id.hex()

    def say(self, person: str, body: Body) -> str:
        self.seqs[person] += 1
        entry = self.maker.sign("admission", person, self.keys[person], "admissions", self.seqs[person], body)
        return self.take(entry)

    def all_of_it(self) -> None:
        maker, key = self.maker, PrivateKey.generate(Algorithm.ED25519)
        self.take(maker.enrol(BUREAU, Kind.REGULATOR, key, Purpose.STATEMENT, None))
        for person, parent in ((LI, PARK), (WANG, PARK), (CHEN, BUREAU)):
            self.take(maker.enrol(person, Kind.PERSON, self.keys[person], Purpose.ADMINISTRATION, parent))
        review = ReviewApplication(
            application="0a" * 32,
            identifier=VERIFIER,
            kind="verifier",
            credit_code="91110000600037341L",
            accreditation=AccreditationPart(number="CNAS VV001", until="2099-12-31"),
            recommended=True,
            reason="seen",
        )
        approval = ApproveApplication(review=self.say(LI, review), code_hash=code_hash(CODE))
        self.enrol(self.say(WANG, approval))
        renewed = Accredit(verifier=VERIFIER, number="CNAS VV002", until="2100-12-31", document_hash="0b" * 32)
        self.say(WANG, renewed)
        self.say(LI, DeclareTie(a=VERIFIER, b=ENTERPRISE, reason="one owner"))
        self.open_balance()
        self.database.close()

    def enrol(self, admission: str) -> None:
        body = prove_key(
            log=ORIGIN,
            identifier=VERIFIER,
            kind=Kind.VERIFIER,
            key=PrivateKey.generate(Algorithm.ED25519),
            purposes=Purpose.STATEMENT,
            iat=NOW,
            domain=self.maker.trust.registry_domain,
        )
        shown = msgspec.structs.replace(body, admission=admission, code=CODE)
        self.take(self.maker.sign("key", PARK, self.maker.registrar, "admitted", 1, shown))

    def open_balance(self) -> None:
        years = (BaseYear(year=2020, tonnes=40_001),)
        body = Opening(
            enterprise=ENTERPRISE, base_years=years, document_hash="0c" * 32, reason="carried in", approvals=()
        )
        digest = approval_digest(self.maker.trust.registry_domain, body)
        approvals = tuple(
            Approval(identifier=person, signature="0x" + sign_compact_digest(digest, self.keys[person]).hex())
            for person in (LI, CHEN)
        )
        approved = msgspec.structs.replace(body, approvals=approvals)
        self.take(self.maker.sign("opening", PARK, self.maker.registrar, "openings", 1, approved))


@pytest.fixture(scope="module")
def admitted(tmp_path_factory: pytest.TempPathFactory) -> Made:
    maker = Maker(tmp_path_factory.mktemp("admissions"))
    made = maker.make()
    Admitting(maker).all_of_it()
    return made


@pytest.fixture
def spoiled(admitted: Made, tmp_path: Path) -> Made:
    copy = tmp_path / "log.sqlite3"
    shutil.copyfile(admitted.path, copy)
    return Made(copy, admitted.trust)


def test_what_was_admitted_is_established_again(admitted: Made) -> None:
    assert admitted.faults() == []


SPOILED = [
    ("admission_reviews", "recommended", "0"),
    ("admission_reviews", "group_name", "'another'"),
    ("admission_reviews", "accreditation_until", "1"),
    ("admission_approvals", "used_index", "NULL"),
    ("admission_approvals", "code_hash", "zeroblob(32)"),
    ("admission_approvals", "approver", "'88.608.1/LI'"),
    ("accreditations", "until_at", "9999999999"),
    ("ties", "reason", "'none'"),
    ("openings", "base_years", "'[]'"),
    ("openings", "document_hash", "zeroblob(32)"),
]


@pytest.mark.parametrize(("table", "column", "value"), SPOILED)
def test_a_changed_column_is_named(spoiled: Made, table: str, column: str, value: str) -> None:
    spoiled.sql(f"UPDATE {table} SET {column} = {value}")
    first = spoiled.faults()[0]
    assert (first.table, first.column) == (table, column)


@pytest.mark.parametrize("table", ["admission_reviews", "admission_approvals", "accreditations", "ties", "openings"])
def test_a_missing_row_is_named(spoiled: Made, table: str) -> None:
    spoiled.sql(f"DELETE FROM {table}")
    first = spoiled.faults()[0]
    assert (first.table, first.column, first.found) == (table, "row", "missing")


def test_an_application_is_no_part_of_the_log_and_not_judged(spoiled: Made) -> None:
    spoiled.sql(
        "INSERT INTO applications (application, received_at, identifier, kind, document)"
        " VALUES (zeroblob(32), 1, 'x', 'enterprise', '{}')"
    )
    assert spoiled.faults() == []
