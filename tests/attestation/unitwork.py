"""Units in a log in memory: orders by two persons, intents by holders, each in one call. Loaded by its path.

The year's figure is a determination, the shortest way to one; `held` of the log says what the chain would.
"""

from __future__ import annotations

from types import ModuleType

from msgspec.structs import replace

from attestation.asset_messages import Freeze
from attestation.bodies import (
    Allocation,
    Approval,
    AssessYear,
    CancelOwnUnits,
    CancelUnits,
    CarryIn,
    CarryOverUnits,
    CloseYear,
    CollectOwed,
    ConfirmFreeze,
    CreditExcess,
    EnterOffsets,
    FreezeUnits,
    IssueUnits,
    LapseFreeze,
    Monitoring,
    ReleaseUnits,
    ReturnUnits,
    SetPrice,
    SetTerms,
    SurrenderUnits,
    SuspendAccount,
    TransferUnits,
)
from attestation.identifiers import account_id
from attestation.instants import format_instant, parse_instant
from attestation.judging.allocations import expected_table
from attestation.judging.cases import counted_figures
from attestation.keys import Algorithm, Kind, Purpose
from attestation.signed_operations import allocation_message, compliance_message, holding_message, intent_message
from attestation.typed_data import Domain, sign_compact_digest

LEDGER = Domain(31337, b"\x44" * 20, b"\x5a" * 32)
COMPLIANCE = Domain(31337, b"\x55" * 20, b"\x5a" * 32)
STEEL, TILES = "88.608.5290/steel", "88.608.5291/tiles"
DAY = 86_400
DEADLINE = parse_instant("2025-01-01T00:00:00+08:00")
CARRY_UNTIL = parse_instant("2025-02-01T00:00:00+08:00")
OPEN = parse_instant("2024-05-01T00:00:00+08:00")
"""A day on which the year's figure can be determined, and units can be surrendered."""
DOCUMENT = {"document_hash": "ab" * 32, "reason": "order 7 of the park · 园区令"}
OFFSETS = {
    "project": "CCER-2024-017",
    "methodology": "CCER-01-001-V01",
    "monitoring": Monitoring(start="2023-01-01", end="2023-12-31"),
    "project_start": "2022-06-01",
    "claimed": "2024-02-01",
    "registered": "2024-03-01",
    "cancelled": "2024-04-01",
    "series": "CCER-2024-017-A",
    "cancellation": "ZX-2024-0001",
}


class Unitwork:
    """A case's enterprise `STEEL` with an asset key, another one `TILES`, and the two persons of the case."""

    def __init__(self, memory: ModuleType, casework: ModuleType, case=None) -> None:
        """With a case of its own, or with the persons of ``case`` in its park."""
        self.memory = memory
        self.case = case or casework.Casework(memory, works=STEEL)
        self.park, self.log = self.case.park, self.case.log
        self.persons = (casework.OFFICER, casework.INSPECTOR)
        self.year = casework.YEAR
        if self.log.ledger_domain is None:
            self.log.ledger_domain, self.log.compliance_domain = LEDGER, COMPLIANCE
        for works in (STEEL, TILES):
            purposes = Purpose.STATEMENT | Purpose.ASSET
            self.park.enrol(works, Kind.ENTERPRISE, purposes, parent=memory.PARK, algorithm=Algorithm.ES256K)
        self.log.now = max(self.log.now, OPEN)
        self.operations = 0

    def op(self) -> str:
        self.operations += 1
        return f"{self.operations:064x}"

    def domain(self, *, of_year: bool = False) -> Domain:
        return self.log.compliance_domain if of_year else self.log.ledger_domain

    def approvals(self, digest: bytes, persons=None) -> tuple[Approval, ...]:
        return tuple(
            Approval(identifier=person, signature=f"0x{sign_compact_digest(digest, self.park.keys[person]).hex()}")
            for person in (self.persons if persons is None else persons)
        )

    def signed(self, body, *, persons=None, domain: Domain | None = None):
        """The order with the approvals of two persons, unless told otherwise."""
        of_year = isinstance(body, SetTerms | SetPrice)
        message = compliance_message(body) if of_year else holding_message(body)
        digest = message.digest(domain or self.domain(of_year=of_year))
        return replace(body, approvals=self.approvals(digest, persons))

    def allocation(self, document, round_: str = "final", **changed: object) -> Allocation:
        """What a document gives, with the approvals of two persons; ``changed`` is signed too."""
        figure = self.log.recompute_allocation(round_, document)
        ahead = self.log.allocation(figure.year, "pre")
        table = expected_table(figure, round_, {} if ahead is None else ahead.shares)
        given = {"op_id": self.op(), "year": figure.year, "round": round_, "reserve": self.memory.PARK}
        given |= {"document": document, "input_root": figure.input_root, "table": table, "approvals": ()}
        given |= {"tonnes": sum(row.granted for row in table)}
        given |= {"return_due": format_instant(self.log.now + 30 * DAY)} | changed
        body = Allocation(**given)
        return replace(body, approvals=self.approvals(allocation_message(body).digest(self.domain())))

    def allocate(self, body: Allocation, **options):
        return self.case.accept("allocation", body, iss=options.pop("iss", self.memory.PARK), **options)

    def rate(self, body, **options):
        return self.case.accept("score", body, iss=options.pop("iss", self.memory.PARK), **options)

    def hold(self, body, **options):
        return self.case.accept("holding", body, iss=options.pop("iss", self.memory.PARK), **options)

    def settle(self, body, **options):
        return self.case.accept("compliance", body, iss=options.pop("iss", self.memory.PARK), **options)

    def issue(self, tonnes: int = 1_000, **changed: object) -> IssueUnits:
        given = {"op_id": self.op(), "account": self.memory.PARK, "vintage": self.year, "tonnes": tonnes}
        return IssueUnits(**(given | DOCUMENT | {"approvals": ()} | changed))

    def carry_in(self, tonnes: int = 1_000, account: str = STEEL, **changed: object) -> CarryIn:
        given = {"op_id": self.op(), "account": account, "asset": f"quota-{self.year}", "tonnes": tonnes}
        return CarryIn(**(given | DOCUMENT | {"approvals": ()} | changed))

    def of_units(self, kind: type[CancelUnits | FreezeUnits], tonnes: int, **changed: object):
        given = {"op_id": self.op(), "account": STEEL, "asset": f"quota-{self.year}", "tonnes": tonnes}
        return kind(**(given | DOCUMENT | {"approvals": ()} | changed))

    def freeze(self, tonnes: int, **changed: object) -> FreezeUnits:
        return self.of_units(FreezeUnits, tonnes, **changed)

    def confirm(self, freeze: FreezeUnits, **changed: object) -> ConfirmFreeze:
        held = (account_id(freeze.account), 0x10000 + self.year, freeze.tonnes)
        message = Freeze(bytes.fromhex(freeze.op_id), *held, bytes.fromhex(freeze.document_hash))
        given = {"freeze": freeze.op_id, "approvals": self.approvals(message.digest(self.domain()))}
        return ConfirmFreeze(**(given | changed))

    def lapse(self, freeze: FreezeUnits) -> LapseFreeze:
        return LapseFreeze(freeze=freeze.op_id)

    def release(self, freeze: FreezeUnits, tonnes: int, **changed: object) -> ReleaseUnits:
        given = {"op_id": self.op(), "freeze": freeze.op_id, "tonnes": tonnes, "approvals": ()}
        return ReleaseUnits(**(given | DOCUMENT | changed))

    def transfer(self, tonnes: int, **changed: object) -> TransferUnits:
        given = {"op_id": self.op(), "sender": STEEL, "receiver": TILES, "asset": f"quota-{self.year}"}
        given |= {"tonnes": tonnes, "cause": "correction", "approvals": ()}
        return TransferUnits(**(given | DOCUMENT | changed))

    def suspend(self, account: str = STEEL, *, suspended: bool = True) -> SuspendAccount:
        given = {"op_id": self.op(), "account": account, "suspended": suspended, "approvals": ()}
        return SuspendAccount(**(given | DOCUMENT))

    def offsets(self, first: int, last: int, **changed: object) -> EnterOffsets:
        given = {"op_id": self.op(), "beneficiary": STEEL, "first_serial": first, "last_serial": last}
        given |= {"tonnes": last - first + 1, "approvals": ()}
        return EnterOffsets(**(given | OFFSETS | DOCUMENT | changed))

    def collect(self, account: str = STEEL) -> CollectOwed:
        return CollectOwed(account=account, vintage=self.year)

    def terms(self, **changed: object) -> SetTerms:
        given = {"op_id": self.op(), "year": self.year, "offset_cap_bps": 500, "amendment_seconds": 30 * DAY}
        given |= {"surrender_deadline": format_instant(DEADLINE), "carry_over_until": format_instant(CARRY_UNTIL)}
        given |= {"closes_at": format_instant(CARRY_UNTIL), "carry_base_bps": 500, "carry_multiple_bps": 15_000}
        given |= {"charge_multiple_bps": 50_000, "earlier_vintages": False, "approvals": ()}
        return SetTerms(**(given | DOCUMENT | changed))

    def price(self, fen: int = 9_500, **changed: object) -> SetPrice:
        given = {"op_id": self.op(), "year": self.year, "fen_per_tonne": fen, "approvals": ()}
        return SetPrice(**(given | DOCUMENT | changed))

    def assess(self, enterprise: str = STEEL) -> AssessYear:
        return AssessYear(enterprise=enterprise, year=self.year)

    def credit(self, enterprise: str = STEEL) -> CreditExcess:
        return CreditExcess(enterprise=enterprise, year=self.year)

    def close(self, *accounts: str) -> CloseYear:
        return CloseYear(year=self.year, accounts=accounts or (STEEL,))

    def obliged(self, tonnes: int = 1_000, **terms: object) -> None:
        """Terms of the year, and a figure."""
        if self.log.year_terms(self.year) is None:
            self.settle(self.signed(self.terms(**terms)))
        revision = len(counted_figures(STEEL, self.year, self.log)) + 1
        self.case.determine(enterprise=STEEL, tonnes=tonnes, revision=revision)

    def intent(self, body, *, holder: str = STEEL, key: str | None = None, domain: Domain | None = None):
        """The intent with its holder's signature; `key`: whose it is instead."""
        of_year = isinstance(body, SurrenderUnits | CarryOverUnits)
        digest = intent_message(body, holder).digest(domain or self.domain(of_year=of_year))
        return replace(body, signature=f"0x{sign_compact_digest(digest, self.park.keys[key or holder]).hex()}")

    def say(self, body, *, iss: str = STEEL, **options):
        """Sign as the holder, and have it accepted."""
        return self.case.accept("intent", self.intent(body, holder=iss, **options), iss=iss)

    def _of_holder(self, kind: type, tonnes: int, **members: object):
        given = {"op_id": self.op(), "tonnes": tonnes, "deadline": format_instant(self.log.now + DAY)}
        return kind(**(given | {"signature": "0x" + "00" * 64} | members))

    def surrender(self, tonnes: int, **changed: object) -> SurrenderUnits:
        return self._of_holder(SurrenderUnits, tonnes, **({"year": self.year, "asset": f"quota-{self.year}"} | changed))

    def carry_over(self, tonnes: int, **changed: object) -> CarryOverUnits:
        return self._of_holder(CarryOverUnits, tonnes, **({"vintage": self.year} | changed))

    def cancel_own(self, tonnes: int, **changed: object) -> CancelOwnUnits:
        return self._of_holder(CancelOwnUnits, tonnes, **({"asset": f"quota-{self.year}"} | changed))

    def give_back(self, tonnes: int, **changed: object) -> ReturnUnits:
        return self._of_holder(ReturnUnits, tonnes, **({"vintage": self.year} | changed))
