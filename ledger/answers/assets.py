"""Answers ``attestation.facts.assets`` from what was read of the chain and what is on its way there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attestation.assets import CCER, quota_of
from attestation.bodies import EnterOffsets
from attestation.facts.assets import (
    FreezeRecord,
    HoldingRecord,
    ObligationRecord,
    OwedRecord,
    SerialsRecord,
    TermsRecord,
)
from attestation.identifiers import account_id
from attestation.judging.freezes import EMERGENCY_SECONDS
from ledger.chain.operations import Kind
from ledger.db.asset_operations import AssetOperationRepository
from ledger.db.assets import AssetRepository
from ledger.db.market import MarketRepository
from ledger.offset_eligibility import offset_fault

if TYPE_CHECKING:
    from attestation.typed_data import Domain
    from ledger.context import LogParameters


class AssetAnswers:
    """Part of ``ledger.context.LedgerContext``. What an account holds and owes is the chain's word; what entries said
    beside that, unless the contract finally refused it, is the log's."""

    operations: AssetOperationRepository
    units: AssetRepository
    market: MarketRepository
    parameters: LogParameters

    @property
    def now(self) -> int:
        """Acceptance time, unix seconds."""
        raise NotImplementedError

    @property
    def ledger_domain(self) -> Domain | None:
        """EIP-712 domain of the ledger of units."""
        return self.parameters.ledger_domain

    @property
    def compliance_domain(self) -> Domain | None:
        """EIP-712 domain of the book of obligations."""
        return self.parameters.compliance_domain

    def op_taken(self, op_id: bytes, /) -> int | None:
        """See ``AssetFacts``."""
        return self.operations.taken(op_id)

    def holding(self, account: str, asset: int, /) -> HoldingRecord:
        """See ``AssetFacts``. What an allocation brings counts once it was read of the chain."""
        held = self.units.balance(account_id(account), asset)
        leaving, arriving = self.operations.leaving(account, asset), self.operations.arriving(account, asset)
        return HoldingRecord(held.registry, held.trading, held.frozen, leaving, arriving)

    def obligation_position(self, enterprise: str, year: int, /) -> ObligationRecord:
        """See ``AssetFacts``."""
        found = self.units.position(account_id(enterprise), year)
        flying = self.operations.flying
        offsets = flying(Kind.SURRENDER, enterprise, year, assets=(CCER,))
        terms = self.year_terms(year)
        begun = self.now - (0 if terms is None else terms.amendment_seconds)
        return ObligationRecord(
            emissions=found.emissions,
            revision=found.revision,
            offset_cap=found.offset_cap,
            quota=found.quota,
            offsets_used=found.offsets_used,
            offsets_counted=found.offsets_counted,
            credit_in=found.credit_in,
            credit_out=found.credit_out,
            due=found.due,
            missed=found.missed,
            charge_fen=found.charge_fen,
            carried=found.carried,
            deadline=found.deadline,
            assessed=found.assessed,
            lowest=self.units.lowest_since(account_id(enterprise), year, begun),
            quota_leaving=flying(Kind.SURRENDER, enterprise, year) - offsets,
            offsets_leaving=offsets,
            carried_leaving=flying(Kind.CARRY_OVER, enterprise, year),
        )

    def year_terms(self, year: int, /) -> TermsRecord | None:
        """See ``AssetFacts``."""
        row = self.operations.latest(Kind.TERMS, year=year)
        return None if row is None or row.details is None else TermsRecord(year, **row.details)

    def price(self, year: int, /) -> int | None:
        """See ``AssetFacts``."""
        row = self.operations.latest(Kind.PRICE, year=year)
        return None if row is None or row.details is None else int(row.details["fen_per_tonne"])

    def price_charged(self, year: int, /) -> bool:
        """See ``AssetFacts``."""
        return self.units.price_charged(year)

    def credited(self, enterprise: str, year: int, /) -> int | None:
        """See ``AssetFacts``."""
        return self._latest(Kind.CREDIT, enterprise, year)

    def assessed(self, enterprise: str, year: int, /) -> int | None:
        """See ``AssetFacts``."""
        return self._latest(Kind.ASSESS, enterprise, year)

    def _latest(self, kind: Kind, account: str, year: int) -> int | None:
        row = self.operations.latest(kind, account=account, year=year)
        return None if row is None else row.entry_index

    def suspended(self, account: str, /) -> int | None:
        """See ``AssetFacts``."""
        row = self.operations.latest(Kind.SUSPEND, account=account)
        return row.entry_index if row is not None and row.suspended else None

    def owed(self, account: str, /) -> OwedRecord:
        """See ``AssetFacts``. A collection on its way takes all that is owed."""
        debt = self.units.owed(account_id(account))
        if self.operations.on_its_way(Kind.COLLECT, account):
            return OwedRecord(debt.tonnes, debt.tonnes, debt.due_at)
        return OwedRecord(debt.tonnes, self.operations.flying(Kind.RETURN, account), debt.due_at)

    def freeze(self, op_id: bytes, /) -> FreezeRecord | None:
        """See ``AssetFacts``."""
        row = self.operations.freeze(op_id)
        if row is None or row.account is None or row.asset is None or row.tonnes is None or row.document_hash is None:
            return None
        emergency = row.kind == Kind.FREEZE_AT_ONCE
        known = self.units.freeze(op_id) if emergency else None
        lapses_at = 0 if not emergency else row.accepted_at + EMERGENCY_SECONDS if known is None else known.lapses_at
        return FreezeRecord(
            index=row.entry_index,
            account=row.account,
            asset=row.asset,
            tonnes=row.tonnes,
            left=row.tonnes - self.operations.taken_out(op_id),
            document_hash=row.document_hash,
            emergency=emergency,
            confirmed=self.operations.is_said(Kind.CONFIRM_FREEZE, op_id),
            lapsed=self.operations.is_said(Kind.LAPSE_FREEZE, op_id),
            lapses_at=lapses_at,
        )

    def opening_balance(self, account: str, asset: int, /) -> int | None:
        """See ``AssetFacts``."""
        row = self.operations.latest(Kind.CARRY_IN, account=account, asset=asset)
        return None if row is None else row.entry_index

    def serials_taken(self, series: str, first: int, last: int, /) -> SerialsRecord | None:
        """See ``AssetFacts``."""
        found = self.operations.serials(series, first, last)
        return None if found is None else SerialsRecord(found[1], found[0].first_serial, found[0].last_serial)

    def cancellation_taken(self, cancellation: str, /) -> int | None:
        """See ``AssetFacts``."""
        found = self.operations.cancellation(cancellation)
        return None if found is None else found[1]

    def net_sold(self, enterprise: str, year: int, /) -> int:
        """See ``AssetFacts``. Every fill counts that the exchange did not finally refuse."""
        return max(0, self.market.net_sold(enterprise, quota_of(year)))

    def offset_fault(self, entry: EnterOffsets, /) -> tuple[str, str, str] | None:
        """See ``AssetFacts``."""
        return offset_fault(entry, self.now)
