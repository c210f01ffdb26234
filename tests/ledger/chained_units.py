"""A log of units with its contracts: what is signed for the log is judged, logged, relayed and read again."""

from __future__ import annotations

import time
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from sqlalchemy import select

from attestation.asset_messages import AllocationRun
from attestation.facts.assets import ObligationRecord
from attestation.identifiers import account_id
from attestation.instants import format_instant
from attestation.keys import Kind, PrivateKey, Purpose
from attestation.signed_operations import intent_message
from attestation.typed_data import Domain
from ledger.chain import outbox
from ledger.chain.asset_intents import AllocatePartIntent, AllocationItem, SignedIntent
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE
from ledger.chain.outbox import State
from ledger.context import LedgerContext, LogParameters
from ledger.db.chain_models import OutboxRow
from ledger.db.entries import EntryRepository
from ledger.db.log_models import Entry, LogState
from ledger.log import Accepted, Log, Refused
from ledger.projection import Projection
from tests.ledger.mirrored import casework, memory, unitwork

STEEL, TILES, YEAR = unitwork.STEEL, unitwork.TILES, casework.YEAR


class Chained:
    """A log in memory and one over tables, with contracts; both judge, the chain decides."""

    def __init__(self, world: Any) -> None:
        self.world = world
        park = memory.Park(domain=world.registry_domain)
        self.memory = park.log
        self.memory.now = int(time.time())
        self.memory.ledger_domain, self.memory.compliance_domain = world.ledger_domain, world.compliance_domain
        self.parameters = LogParameters(
            *(memory.ORIGIN, world.deployment_id, memory.PARK, park.log.registrar, world.registry_domain),
            emissions_domain=world.emissions_domain,
            ledger_domain=world.ledger_domain,
            compliance_domain=world.compliance_domain,
        )
        key = PrivateKey(park.log.registrar.algorithm, bytes([7] * 32))
        self.log = Log(world.database, self.parameters, key, lambda: self.memory.now)
        self._judge = park.log.accept
        park.log.accept = self._accept
        park.enrol(memory.PARK, Kind.PARK, Purpose.STATEMENT | Purpose.ADMINISTRATION)
        park.enrol(memory.WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, parent=memory.PARK)
        case = casework.Casework(memory, park, memory.WORKS, domain=world.emissions_domain)
        self.units: Any = unitwork.Unitwork(memory, casework, case)
        self.relayer = world.relayer()

    def _accept(self, entry: bytes) -> Any:
        verdict = self._judge(entry)
        (outcome,) = self.log.submit([entry]).outcomes
        assert isinstance(outcome, Accepted), outcome
        return verdict

    def settle(self) -> None:
        """Everything is in the tree and told; refusals become final; the projection has read it all."""
        with self.world.database.read() as session:
            size = session.get_one(LogState, 1).tree_size
            leaves = session.scalars(select(Entry.leaf_hash).where(Entry.index >= size).order_by(Entry.index)).all()
        if leaves:
            self.world.integrate(list(leaves))
        for _ in range(60):
            self.relayer.step()
            self.world.rpc.request("evm_mine")
            counts = self.world.counts()
            if not counts[State.PENDING] and not counts[State.SENT]:
                break
        else:
            raise AssertionError(f"{self.world.counts()} {self.world.errors()}")
        read = (self.world.database, self.world.rpc, self.world.deploy(), self.world.finality)
        Projection(*read, clock=lambda: float(self.memory.now)).sync()

    def opened(self, **terms: object) -> Chained:
        """Units carried in, CCER entered, terms whose deadline is tomorrow, and a figure of 1,000 t."""
        units, now = self.units, self.memory.now
        deadlines = {
            "surrender_deadline": format_instant(now + 86_400),
            "carry_over_until": format_instant(now + 2 * 86_400),
            "closes_at": format_instant(now + 3 * 86_400),
        }
        units.hold(units.signed(units.issue(5_000)))
        units.hold(units.signed(units.carry_in(2_000)))
        units.hold(units.signed(units.carry_in(100, asset="quota-2022")))
        units.hold(units.signed(units.offsets(1, 200)))
        units.obliged(1_000, **(deadlines | terms))
        return self

    def holds(self, account: str, asset: int) -> tuple[int, int, int]:
        """Registry, the market's, frozen: as the contract has it and as the log was told of it, which must agree."""
        contract = CarbonLedger(self.world.rpc, self.world.deploy().addresses[CARBON_LEDGER])
        registry, frozen = contract.balance_of(account_id(account), asset)
        with self.world.database.read() as session:
            known = self.facts(session).holding(account, asset)
        assert (known.registry, known.frozen) == (registry, frozen)
        assert (known.leaving, known.arriving) == (0, 0)
        return registry, known.trading, frozen

    def due(self, enterprise: str) -> int:
        """What is due of the year: as the contract has it and as the log was told of it, which must agree."""
        contract = Compliance(self.world.rpc, self.world.deploy().addresses[COMPLIANCE])
        (position,) = contract.view("positionOf", account_id(enterprise), YEAR)
        known = self.position(enterprise)
        names = (
            *("emissions", "revision", "offset_cap", "quota", "offsets_used", "offsets_counted", "credit_in"),
            *("credit_out", "due", "missed", "charge_fen", "carried", "deadline", "assessed"),
        )
        assert tuple(getattr(known, name) for name in names) == tuple(position)
        return known.due

    def position(self, enterprise: str) -> ObligationRecord:
        """What the log was told of the year."""
        with self.world.database.read() as session:
            return self.facts(session).obligation_position(enterprise, YEAR)

    def facts(self, session: Any) -> LedgerContext:
        """What the log knows now."""
        return LedgerContext(session, self.parameters, EntryRepository(session).state(), self.memory.now)

    def pass_time(self, seconds: int) -> None:
        """Log and chain go on together."""
        self.world.pass_time(seconds)
        self.memory.now += seconds

    def tables_only(self, body: Any, type_: str) -> None:
        """Told to the log over tables alone: what it knows of the chain, the log in memory does not."""
        entry = self.units.park.sign(type_, body, iss=memory.PARK, stream="tables", iat=self.memory.now)
        (outcome,) = self.log.submit([entry]).outcomes
        if isinstance(outcome, Refused):
            raise outcome.error

    def allocate(self, rows: dict[str, tuple[int, int]], return_due: int) -> None:
        """A run of one part out of the park's reserve, told to the contract: granted and owed by enterprise."""
        given = sorted((account_id(name), *amounts, 0) for name, amounts in rows.items())
        part = keccak(encode(["(bytes32,uint64,uint64,uint64)[]"], [given]))
        total = sum(granted for granted, _ in rows.values())
        roots = keccak(encode(["bytes32[]"], [[part]])), bytes([8]) * 32
        reserve, op_id = account_id(memory.PARK), bytes.fromhex(self.units.op())
        run = AllocationRun(op_id, reserve, YEAR, total, *roots, return_due)
        approvals = self.units.approvals(run.digest(self.world.ledger_domain))
        signatures = tuple(bytes.fromhex(approval.signature[2:]) for approval in approvals)
        entry, items = (bytes([8]) * 32, self.memory.next_index), tuple(AllocationItem(*row) for row in given)
        part_intent = AllocatePartIntent(*entry, run.op_id, (part,), 0, items)
        with self.world.database.write() as session:
            for intent in (SignedIntent(*entry, run, signatures), part_intent):
                outbox.enqueue_asset(session, self.world.deployment_id, intent, now=self.memory.now)

    def past_the_door(self, body: Any, *, holder: str = STEEL, domain: Domain | None = None) -> bytes:
        """Have the contract told what the log would not take."""
        signed = self.units.intent(body, holder=holder, domain=domain)
        signature = bytes.fromhex(signed.signature[2:])
        intent = SignedIntent(bytes([9]) * 32, self.memory.next_index, intent_message(body, holder), (signature,))
        with self.world.database.write() as session:
            outbox.enqueue_asset(session, self.world.deployment_id, intent, now=self.memory.now)
        return intent.message.op_id

    def outcome(self, op_id: bytes) -> tuple[str, str | None]:
        with self.world.database.read() as session:
            row = session.scalars(select(OutboxRow).where(OutboxRow.op_id == op_id)).one()
            return row.state, row.last_error
