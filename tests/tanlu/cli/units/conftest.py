"""The office of a park whose deployment has contracts of units: nothing is behind them but the log's own word."""

# ruff: noqa: F401, F811 - pytest passes fixtures by the names that they are imported under
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from attestation.identifiers import account_id
from attestation.instants import parse_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.policies import default_calendar
from attestation.policies.year_terms import default_terms
from ledger.context import LogParameters
from ledger.db.asset_models import ChainOwedRow
from ledger.db.obligation_models import ChainTermsRow
from ledger.trust import Trust
from tanlu.keyring import write_key

from ...conftest import PARK, PASSWORD, World
from ..keys.conftest import LI, WANG, ZHAO, Office, cheap_passwords, office

YEAR = 2018
"""Its report was due long ago: a figure can be determined."""
STEEL, GLASS = "88.608.5290/steel", "88.608.5291/glass"
WINDOW = (
    *("--surrender-deadline", "2098-01-01T00:00:00+08:00", "--carry-over-until", "2098-02-01T00:00:00+08:00"),
    *("--closes-at", "2098-02-01T00:00:00+08:00"),
)


class UnitsWorld(World):
    """A world whose trust file names all contracts."""

    @property
    def trust(self) -> Trust:
        addresses = {"emissions_registry": 3, "carbon_ledger": 4, "compliance": 5, "credit_scores": 6, "exchange": 7}
        return replace(super().trust, **{name: bytes([number]) * 20 for name, number in addresses.items()})

    def parameters(self) -> LogParameters:
        trust = self.trust
        return replace(
            super().parameters(),
            emissions_domain=trust.emissions_domain,
            ledger_domain=trust.ledger_domain,
            compliance_domain=trust.compliance_domain,
            exchange_domain=trust.exchange_domain,
        )


@pytest.fixture
def world() -> World:
    return UnitsWorld()


@dataclass
class Register:
    """What a park's people type, with files in one folder."""

    office: Office
    answer: Callable[..., dict[str, Any]]
    folder: Path
    documents: int = 0

    @property
    def registrar(self) -> Path:
        return self.office.files[PARK]

    def grounds(self) -> tuple[object, ...]:
        self.documents += 1
        document = self.folder / f"order-{self.documents}.pdf"
        document.write_bytes(b"order %d" % self.documents)
        return ("--document", document, "--reason", "order of the park · 园区令")

    def file(self) -> Path:
        return self.folder / f"proposal-{self.documents}.json"

    def propose(self, *words: object, code: int = 0) -> dict[str, Any]:
        """Judged by the service: the registrar signs in (TANLU_AS)."""
        grounds = self.grounds()
        return self.answer(*words, *grounds, "-o", self.file(), code=code)

    def approvals(self, *persons: str) -> list[object]:
        found: list[object] = []
        for person in persons or (ZHAO, LI):
            out = self.file().with_suffix(f".{person.rpartition('/')[2]}.json")
            if not out.exists():
                self.answer("quota", "approve", self.file(), "--key", self.office.files[person], "-o", out)
            found += ["--approval", out]
        return found

    def submit(self, *persons: str, code: int = 0, group: str = "quota") -> dict[str, Any]:
        approvals = self.approvals(*persons)
        return self.answer(group, "submit", self.file(), *approvals, "--key", self.registrar, code=code)

    def decide(self, *words: object) -> dict[str, Any]:
        """A whole act of two persons."""
        proposed = self.propose(*words)
        return self.submit() | {"op_id": proposed["op_id"]}

    def act(self, *words: object, code: int = 0) -> dict[str, Any]:
        """What the registrar does alone."""
        return self.answer(*words, "--key", self.registrar, code=code)

    def hold(self, *words: object, owner: str = STEEL, code: int = 0) -> dict[str, Any]:
        """What a holder does with its own units."""
        return self.answer(*words, "--key", self.office.files[owner], code=code)

    def set_terms(self, *window: object) -> None:
        """The year's terms (with dates far ahead unless given), logged and as if they were read of the chain."""
        proposed = self.propose("compliance", "terms", YEAR, *(window or WINDOW))
        index = self.submit()["index"]
        read = default_terms(default_calendar(YEAR)) | proposed["proposal"]["body"]
        members = {name: read[name] for name in default_terms(default_calendar(YEAR))}
        for name in ("surrender_deadline", "carry_over_until", "closes_at"):
            members[name] = parse_instant(str(members[name]))
        self.read(ChainTermsRow, index, document_hash=bytes(32), **members)

    def read(self, kind: type[Any], index: int, **members: object) -> None:
        """As if this were read of the chain, in a block of its own: what entry ``index`` brought."""
        place = {"block_number": index, "log_index": 0, "entry_index": index, "tx_hash": bytes(32), "op_id": bytes(32)}
        with self.office.database.write() as session:
            session.add(kind(**place, **members))

    def owe(self, tonnes: int, due_at: int) -> None:
        """STEEL owes back what an allocation gave too much (DOMAIN 31)."""
        account, reserve = account_id(STEEL), account_id(PARK)
        self.read(ChainOwedRow, self.office.size(), account=account, tonnes=tonnes, due_at=due_at, reserve=reserve)

    def determine(self, tonnes: int, revision: int = 1) -> None:
        """A figure of STEEL by two persons (DOMAIN 10)."""
        request = self.folder / f"figure-{revision}.json"
        words = ("case", "determine")
        self.answer(
            *(*words, "prepare", STEEL, YEAR, "--tonnes", tonnes, "--cause", "no-report", "--method", "capacity"),
            *(*self.grounds(), "--revision", revision, "-o", request),
        )
        given: list[object] = []
        for person in (ZHAO, LI):
            out = request.with_suffix(f".{person.rpartition('/')[2]}")
            self.answer(*words, "approve", request, "--key", self.office.files[person], "-o", out)
            given += ["--approval", out]
        self.answer(*words, "submit", request, *given, "--key", self.registrar)


@pytest.fixture
def register(office: Office, answer, tmp_path: Path) -> Register:
    """The office, and two enterprises each with an ES256K key for ``asset`` alone."""
    for identifier in (STEEL, GLASS):
        key = PrivateKey.generate(Algorithm.ES256K)
        office.client.enrol(office.world.key(identifier, Kind.ENTERPRISE, key, Purpose.ASSET))
        path = tmp_path / f"{identifier.rpartition('/')[2]}.key"
        write_key(path, key, PASSWORD, identifier=identifier, purposes=Purpose.ASSET)
        office.keys[identifier], office.files[identifier] = key, path
    return Register(office, answer, tmp_path)
