"""The part of the log in memory that answers `attestation.facts.assets`.

No chain is behind it: `held`, `positions`, `debts` are what a test says was read of one, `refused` the indices of
entries that the contract finally refused. What is on its way is every other entry that was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from attestation.assets import CCER, parse_asset, quota_of
from attestation.bodies import (
    Allocation,
    AssessYear,
    AssetStep,
    CancelOwnUnits,
    CancelUnits,
    CarryIn,
    CarryOverUnits,
    CollectOwed,
    ConfirmFreeze,
    CreditExcess,
    EnterOffsets,
    FreezeUnits,
    IssueUnits,
    LapseFreeze,
    MarketStep,
    MoveTrading,
    ReleaseUnits,
    ReturnUnits,
    SetPrice,
    SetTerms,
    SurrenderUnits,
    SuspendAccount,
    TransferUnits,
)
from attestation.facts.assets import (
    FreezeRecord,
    HoldingRecord,
    ObligationRecord,
    OwedRecord,
    SerialsRecord,
    TermsRecord,
)
from attestation.signed_operations import compliance_message
from attestation.typed_data import Domain


@dataclass
class MemoryAssetFacts:
    """Recomputes every answer from the entries, and from what a test set."""

    ledger_domain: Domain | None = field(default=None, kw_only=True)
    compliance_domain: Domain | None = field(default=None, kw_only=True)
    held: dict[tuple[str, int], HoldingRecord] = field(default_factory=dict, kw_only=True)
    positions: dict[tuple[str, int], ObligationRecord] = field(default_factory=dict, kw_only=True)
    debts: dict[str, OwedRecord] = field(default_factory=dict, kw_only=True)
    charged: set[int] = field(default_factory=set, kw_only=True)
    sold: dict[tuple[str, int], int] = field(default_factory=dict, kw_only=True)
    refused: set[int] = field(default_factory=set, kw_only=True)
    ineligible: dict[str, tuple[str, str]] = field(default_factory=dict, kw_only=True)

    def _steps(self, *types: type) -> Iterable[tuple]:
        for logged, body in self._of(types or (AssetStep | MarketStep)):
            if logged.index not in self.refused:
                yield logged, body

    def op_taken(self, op_id: bytes, /) -> int | None:
        steps = self._of(AssetStep | MarketStep)
        taken = (logged.index for logged, body in steps if getattr(body, "op_id", None) == op_id.hex())
        return next(taken, None)

    def holding(self, account: str, asset: int, /) -> HoldingRecord:
        moves = [move for logged, body in self._steps() for move in _moves(logged.statement.iss, body)]
        here = [tonnes for holder, what, tonnes in moves if (holder, what) == (account, asset)]
        here += [
            body.tonnes
            for _, body in self._steps(ReleaseUnits)
            if (freeze := self.freeze(bytes.fromhex(body.freeze))) is not None
            and (freeze.account, freeze.asset) == (account, asset)
        ]
        return replace(
            self.held.get((account, asset), HoldingRecord()),
            leaving=-sum(tonnes for tonnes in here if tonnes < 0),
            arriving=sum(tonnes for tonnes in here if tonnes > 0),
        )

    def obligation_position(self, enterprise: str, year: int, /) -> ObligationRecord:
        surrendered = [
            body
            for logged, body in self._steps(SurrenderUnits)
            if (logged.statement.iss, body.year) == (enterprise, year)
        ]
        carried = [
            body.tonnes
            for logged, body in self._steps(CarryOverUnits)
            if (logged.statement.iss, body.vintage) == (enterprise, year)
        ]
        return replace(
            self.positions.get((enterprise, year), ObligationRecord()),
            quota_leaving=sum(body.tonnes for body in surrendered if body.asset != "ccer"),
            offsets_leaving=sum(body.tonnes for body in surrendered if body.asset == "ccer"),
            carried_leaving=sum(carried),
        )

    def year_terms(self, year: int, /) -> TermsRecord | None:
        found = [body for _, body in self._steps(SetTerms) if body.year == year]
        return TermsRecord(*compliance_message(found[-1]).as_tuple()[1:-1]) if found else None

    def price(self, year: int, /) -> int | None:
        found = [body.fen_per_tonne for _, body in self._steps(SetPrice) if body.year == year]
        return found[-1] if found else None

    def price_charged(self, year: int, /) -> bool:
        return year in self.charged

    def _last(self, step: type, enterprise: str, year: int) -> int | None:
        found = [logged.index for logged, b in self._steps(step) if (b.enterprise, b.year) == (enterprise, year)]
        return found[-1] if found else None

    def credited(self, enterprise: str, year: int, /) -> int | None:
        return self._last(CreditExcess, enterprise, year)

    def assessed(self, enterprise: str, year: int, /) -> int | None:
        return self._last(AssessYear, enterprise, year)

    def suspended(self, account: str, /) -> int | None:
        said = [(logged.index, b.suspended) for logged, b in self._steps(SuspendAccount) if b.account == account]
        return said[-1][0] if said and said[-1][1] else None

    def owed(self, account: str, /) -> OwedRecord:
        going = [b.tonnes for logged, b in self._steps(ReturnUnits) if logged.statement.iss == account]
        debt = self.debts.get(account, OwedRecord())
        collected = any(b.account == account for _, b in self._steps(CollectOwed))
        return replace(debt, leaving=debt.tonnes if collected else sum(going))

    def freeze(self, op_id: bytes, /) -> FreezeRecord | None:
        for logged, body in self._steps(FreezeUnits):
            if body.op_id == op_id.hex():
                later = [step for _, step in self._steps() if getattr(step, "freeze", None) == body.op_id]
                gone = sum(step.tonnes for step in later if isinstance(step, ReleaseUnits | TransferUnits))
                emergency = body.approvals is None
                return FreezeRecord(
                    logged.index,
                    body.account,
                    parse_asset(body.asset),
                    body.tonnes,
                    body.tonnes - gone,
                    bytes.fromhex(body.document_hash),
                    emergency,
                    any(isinstance(step, ConfirmFreeze) for step in later),
                    any(isinstance(step, LapseFreeze) for step in later),
                    logged.accepted_at + 86_400 if emergency else 0,
                )
        return None

    def opening_balance(self, account: str, asset: int, /) -> int | None:
        found = self._steps(CarryIn)
        return next((e.index for e, b in found if (b.account, parse_asset(b.asset)) == (account, asset)), None)

    def serials_taken(self, series: str, first: int, last: int, /) -> SerialsRecord | None:
        for logged, body in self._steps(EnterOffsets):
            if body.series == series and body.first_serial <= last and first <= body.last_serial:
                return SerialsRecord(logged.index, body.first_serial, body.last_serial)
        return None

    def cancellation_taken(self, cancellation: str, /) -> int | None:
        return next((e.index for e, b in self._steps(EnterOffsets) if b.cancellation == cancellation), None)

    def net_sold(self, enterprise: str, year: int, /) -> int:
        return self.sold.get((enterprise, year), 0)

    def offset_fault(self, entry: EnterOffsets, /) -> tuple[str, str, str] | None:
        return self.ineligible.get(entry.cancellation)


def _moves(iss: str, body) -> list[tuple[str, int, int]]:
    """Account, asset and tonnes (negative: out) of what a step moves freely."""
    match body:
        case IssueUnits():
            return [(body.account, quota_of(body.vintage), body.tonnes)]
        case CarryIn():
            return [(body.account, parse_asset(body.asset), body.tonnes)]
        case EnterOffsets():
            return [(body.beneficiary, CCER, body.tonnes)]
        case CancelUnits() | FreezeUnits():
            return [(body.account, parse_asset(body.asset), -body.tonnes)]
        case TransferUnits():
            asset = parse_asset(body.asset)
            taken = [] if body.freeze else [(body.sender, asset, -body.tonnes)]
            return [*taken, (body.receiver, asset, body.tonnes)]
        case SurrenderUnits() | CancelOwnUnits():
            return [(iss, parse_asset(body.asset), -body.tonnes)]
        case CarryOverUnits():
            vintage = body.vintage
            return [(iss, quota_of(vintage), -body.tonnes), (iss, quota_of(vintage + 1), body.tonnes)]
        case ReturnUnits():
            return [(iss, quota_of(body.vintage), -body.tonnes)]
        case MoveTrading() if body.asset != "cash":
            return [(iss, parse_asset(body.asset), -body.amount if body.inward else body.amount)]
        case Allocation():
            return [(body.reserve, quota_of(body.year), -body.tonnes)]
    return []
