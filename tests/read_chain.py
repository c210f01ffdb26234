"""Events of the asset contracts as a projection reads them, without a chain: what a service tells of them is theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from attestation.assets import CCER, quota_of
from attestation.identifiers import account_id
from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    CREDIT_SCORES,
    EMISSIONS_REGISTRY,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
)
from ledger.chain.events import ChainEvent
from ledger.chain.rpc import BlockRef
from ledger.db.base import Database
from ledger.db.chain_models import ChainBlockRow, ChainHeadRow, ChainReadRow
from ledger.projection_rows import apply_event

DOCUMENT, ROOT = hashlib.sha256(b"order").digest(), hashlib.sha256(b"inputs").digest()
GENESIS_TIME = 1_700_000_000
NO_FREEZE = bytes(32)
CUSTODIAN = bytes(12) + b"\x77" * 20
"""The exchange's own account: its address."""


class ReadChain:
    """A chain of which each call here adds a block; ``number`` is the last. Accounts are named by identifiers."""

    def __init__(self, database: Database, deployment_id: bytes, park: str) -> None:
        self.database = database
        self.deployment_id = deployment_id
        self.park = account_id(park)
        self.number = 0
        self.operations = 0

    def op(self) -> bytes:
        self.operations += 1
        return hashlib.sha256(b"read operation %d" % self.operations).digest()

    def block(self, *events: tuple[str, str, Mapping[str, Any]], final: int | None = None) -> int:
        """A block with these events (contract, name, members); up to ``final`` nothing is forgotten any more."""
        self.number += 1
        ref = BlockRef(self.number, hashlib.sha256(b"block %d" % self.number).digest())
        with self.database.write() as session:
            parent = hashlib.sha256(b"block %d" % (self.number - 1)).digest()
            if events:
                session.add(ChainBlockRow(number=ref.number, hash=ref.hash, parent=parent))
            for index, (contract, name, members) in enumerate(events):
                tx = hashlib.sha256(b"transaction %d" % self.number).digest()
                entry = {"leafHash": bytes(32), "logIndex": 3}
                time = GENESIS_TIME + self.number
                told = ChainEvent(ref, index, tx, contract, name, {**entry, **members}, time)
                apply_event(session, told, self.deployment_id, now=time)
            head = session.get(ChainHeadRow, 1) or ChainHeadRow(id=1)
            head.number, head.hash, head.final_number = ref.number, ref.hash, final
            session.add(head)
            session.merge(ChainReadRow(id=1, read_at=GENESIS_TIME + self.number))
        return self.number

    def unit(self, name: str, **members: Any) -> int:
        """A block with one event of the ledger of units."""
        return self.block((CARBON_LEDGER, name, members))

    def knows(self, *identifiers: str) -> None:
        """The registry on chain has these."""
        for identifier in identifiers:
            members = {"accountId": account_id(identifier), "identifier": identifier, "kind": 2}
            self.block(
                (IDENTIFIER_REGISTRY, "IdentifierRegistered", {**members, "parent": bytes(32), "group": bytes(32)})
            )

    def issued(self, tonnes: int, vintage: int) -> int:
        members = {"account": self.park, "asset": quota_of(vintage), "opId": self.op(), "tonnes": tonnes}
        return self.unit("Issued", **members, documentHash=DOCUMENT)

    def carried_in(self, holder: str, tonnes: int, vintage: int) -> int:
        members = {"account": account_id(holder), "asset": quota_of(vintage), "opId": self.op(), "tonnes": tonnes}
        return self.unit("CarriedIn", **members)

    def moved(self, holder: str, tonnes: int, vintage: int) -> int:
        """Into the trading balance: the exchange says whose they are, the ledger that the exchange keeps them."""
        account, asset = account_id(holder), quota_of(vintage)
        said = {"account": account, "asset": asset, "opId": self.op(), "amount": tonnes, "inward": True}
        kept = {"account": account, "asset": asset, "custodian": CUSTODIAN, "tonnes": tonnes}
        return self.block((EXCHANGE, "Moved", said), (CARBON_LEDGER, "CustodyTaken", kept))

    def offsets(self, holder: str, tonnes: int) -> int:
        return self.unit("OffsetEntered", account=account_id(holder), opId=self.op(), tonnes=tonnes)

    def frozen(self, holder: str, tonnes: int, vintage: int, *, lapses_at: int = 0) -> bytes:
        freeze = self.op()
        members = {"freeze": freeze, "account": account_id(holder), "asset": quota_of(vintage), "tonnes": tonnes}
        self.unit("Frozen", **members, documentHash=DOCUMENT, lapsesAt=lapses_at)
        return freeze

    def suspended(self, holder: str) -> int:
        return self.unit("AccountSuspended", account=account_id(holder), opId=self.op(), documentHash=DOCUMENT)

    def allocated(self, holder: str, tonnes: int, vintage: int, *, owes: int, due_at: int) -> None:
        """A run of one row."""
        run, account, asset = self.op(), account_id(holder), quota_of(vintage)
        members = {"run": run, "reserve": self.park, "vintage": vintage, "tonnes": tonnes, "itemsHash": ROOT}
        self.unit("RunApproved", **members, inputRoot=ROOT, returnDue=due_at)
        members = {"run": run, "account": account, "asset": asset, "opId": self.op(), "granted": tonnes}
        self.unit("Allocated", **members, owes=owes, settles=0, owed=owes)

    def figure(self, holder: str, year: int, tonnes: int, revision: int = 1) -> int:
        members = {"enterprise": account_id(holder), "year": year, "revision": revision, "tonnes": tonnes}
        approvers = {"firstApprover": bytes(20), "secondApprover": bytes([1]) * 20}
        of = {"opId": self.op(), "statementLeaf": ROOT, "documentHash": DOCUMENT, **approvers}
        return self.block((EMISSIONS_REGISTRY, "EmissionsDetermined", {**members, **of}))

    def terms(self, year: int, deadline: int, *, cap_bps: int = 500) -> int:
        op_id = self.op()
        # In the order of the struct: cap, deadlines, carry-over shares, charge multiple, amendment time, vintages.
        days = (deadline, deadline + 100, deadline + 200)
        terms = (op_id, year, cap_bps, *days, 500, 15_000, 50_000, 2_592_000, False, DOCUMENT)
        return self.block((COMPLIANCE, "TermsSet", {"year": year, "opId": op_id, "terms": terms}))

    def price(self, year: int, fen: int) -> int:
        members = {"year": year, "opId": self.op(), "fenPerTonne": fen, "documentHash": DOCUMENT}
        return self.block((COMPLIANCE, "PriceSet", members))

    def surrendered(self, holder: str, year: int, tonnes: int, asset: int | None = None) -> int:
        account, what = account_id(holder), quota_of(year) if asset is None else asset
        members = {"account": account, "year": year, "opId": self.op(), "asset": what, "tonnes": tonnes}
        return self.block(
            (COMPLIANCE, "SurrenderRecorded", {**members, "due": 0, "offsetsUsed": 0}),
            (CARBON_LEDGER, "Surrendered", {"account": account, "asset": what, "tonnes": tonnes}),
        )

    def surrendered_offsets(self, holder: str, year: int, tonnes: int) -> int:
        return self.surrendered(holder, year, tonnes, CCER)

    def score(self, holder: str, year: int, points_bps: int, grade: int) -> int:
        members = {"account": account_id(holder), "year": year, "opId": self.op(), "pointsBps": points_bps}
        rest = {"grade": grade, "formula": DOCUMENT, "inputRoot": ROOT, "revision": 1}
        return self.block((CREDIT_SCORES, "ScorePublished", {**members, **rest}))
