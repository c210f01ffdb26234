"""The log as an act about units meets it, told by a service: balances, obligations, terms, freezes, deadlines.

What the contract or the log is certain to refuse is refused here, before a signature leaves the program. The service's
figures are those of the chain as it read it, and what is on its way there (``tanlu.client.accounts``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from msgspec.structs import replace

from attestation.assets import format_asset, parse_asset
from attestation.bodies import (
    Body,
    CancelEveryOrder,
    CancelPlaced,
    EnterOffsets,
    FreezeUnits,
    Intent,
    MoveTrading,
    PlaceOrder,
    WithdrawCash,
)
from attestation.examination import examine
from attestation.facts.assets import (
    FreezeRecord,
    HoldingRecord,
    ObligationRecord,
    OwedRecord,
    TermsRecord,
)
from attestation.facts.cases import RegistrationRecord
from attestation.foresight import NO_SIGNATURE
from attestation.instants import format_instant
from attestation.judging.freezes import EMERGENCY_SECONDS
from attestation.refusals import refuse
from attestation.typed_data import Domain
from ledger.offset_eligibility import offset_fault
from ledger.trust import Trust
from tanlu.client.accounts import Account
from tanlu.client.compliance import Obligation, Terms
from tanlu.client.operations import Operation
from tanlu.client.service_context import ServiceContext, Untold
from tanlu.errors import RefusedByService

if TYPE_CHECKING:
    from tanlu.client.client import Client

_NOT_FOUND = 404
_FORBIDDEN = 403
_OF_NO_SIGNATURE = frozenset({"intent.signature", "order.signature"})


class AssetContext(ServiceContext):
    """What verification asks about units, answered for whoever signed in; each thing is asked once.

    ``holder``: an enterprise that acts on its own units, and sees no others; None: the register's administration, or a
    regulator. Where a fact is needed of which no service tells (terms on their way, serials of CCER, openings, scores),
    the log is asked to judge the whole body before anybody signs it (``judge_untold``).
    """

    def __init__(self, client: Client, trust: Trust, holder: str | None = None) -> None:
        super().__init__(client, trust)
        self.ledger_domain: Domain | None = trust.ledger_domain
        self.compliance_domain: Domain | None = trust.compliance_domain
        self.exchange_domain: Domain | None = trust.exchange_domain
        self.about_suspension = False
        """Whether the act suspends or resumes an account: that it is suspended is no reason against it then."""
        self._holder = holder
        self._accounts: dict[str, Account] = {}
        self._obligations: dict[tuple[str, int], Obligation] = {}
        self._terms: dict[int, Terms | None] = {}

    def __getattr__(self, name: str) -> NoReturn:
        """Facts of which no service tells."""
        raise Untold(name)

    def judge_untold(self, type_: str, body: Body, /) -> None:
        """Have the log judge it. The holder's word for the contract is not told: whoever has it may bring it there.

        Raises RefusedByService with the rule that stands against it.
        """
        own = isinstance(body, Intent | PlaceOrder | CancelPlaced | CancelEveryOrder | MoveTrading | WithdrawCash)
        try:
            self._client.judge(type_, replace(body, signature=NO_SIGNATURE) if own else body)
        except RefusedByService as refused:
            if not (own and refused.rule in _OF_NO_SIGNATURE):
                raise

    def op_taken(self, op_id: bytes, /) -> int | None:
        """The entry that named this operation, or None."""
        found = self._operation(op_id)
        return None if found is None else found.index

    def holding(self, account: str, asset: int, /) -> HoldingRecord:
        """What the account holds of the asset."""
        held = self._account(account).holding(format_asset(asset))
        return HoldingRecord(held.registry, held.trading, held.frozen, held.leaving, held.arriving)

    def suspended(self, account: str, /) -> int | None:
        """None where nothing holds the account. A service does not tell by which entry it is suspended: so the refusal
        comes from here (``account.suspended``), or the log judges (``about_suspension``)."""
        since = self._account(account).suspended_at
        if since is None:
            return None
        if self.about_suspension:
            raise Untold("suspended")
        raise refuse("account.suspended", f"{account}, since {format_instant(since)}")

    def owed(self, account: str, /) -> OwedRecord:
        """What the account owes back."""
        owed = self._account(account).owed
        return OwedRecord() if owed is None else OwedRecord(owed.tonnes, 0, owed.due_at)

    def obligation_position(self, enterprise: str, year: int, /) -> ObligationRecord:
        """Where the enterprise's year stands."""
        told = self._obligation(enterprise, year)
        found = told.position
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
            deadline=found.deadline or 0,
            assessed=found.assessed,
            quota_leaving=told.quota_leaving,
            offsets_leaving=told.offsets_leaving,
            carried_leaving=told.carried_leaving,
        )

    def year_terms(self, year: int, /) -> TermsRecord | None:
        """The terms of the year as they hold on chain; none there may be on their way, which the log knows."""
        if year not in self._terms:
            if self._holder is None:
                self._terms[year] = self._client.compliance_year(year).terms
            else:
                self._terms[year] = self._obligation(self._holder, year).terms
        terms = self._terms[year]
        if terms is None:
            raise Untold("year_terms")
        return TermsRecord(
            year,
            terms.offset_cap_bps,
            terms.surrender_deadline,
            terms.carry_over_until,
            terms.closes_at,
            terms.carry_base_bps,
            terms.carry_multiple_bps,
            terms.charge_multiple_bps,
            terms.amendment_seconds,
            terms.earlier_vintages,
        )

    def price(self, year: int, /) -> int | None:
        """The year's reference price in fen a tonne; as with the terms."""
        told = self._client.compliance_year(year) if self._holder is None else self._obligation(self._holder, year)
        if told.price_fen is None:
            raise Untold("price")
        return told.price_fen

    def registrations_of(self, enterprise: str, year: int, /) -> Sequence[RegistrationRecord]:
        """The figure that counts, by the case's file; the versions before it are nobody's obligation."""
        try:
            figure = self._client.case(enterprise, year).figure
        except RefusedByService as refused:
            if refused.status == _NOT_FOUND:
                return ()
            raise
        if figure is None:
            return ()
        return (RegistrationRecord(b"", figure.index, figure.revision, figure.tonnes, None),)

    def figure_refused(self, _index: int, /) -> bool:
        """Never: a figure that the contract refused is not told as the case's."""
        return False

    def freeze(self, op_id: bytes, /) -> FreezeRecord | None:
        """The freeze of that operation: what its entry says, and what the account's statement says is left of it."""
        operation, body = self._operation(op_id), self.freeze_body(op_id)
        if operation is None or operation.index is None or body is None:
            return None
        standing = next((one for one in self._account(body.account).freezes if one.freeze == op_id.hex()), None)
        emergency = body.approvals is None
        told = operation.block is not None
        if standing is None:
            # Not on chain yet, or nothing is left of it.
            left, confirmed = (0 if told else body.tonnes), False
            lapses_at = operation.created_at + EMERGENCY_SECONDS if emergency else 0
        else:
            left, confirmed = standing.left, emergency and standing.lapses_at is None
            lapses_at = standing.lapses_at or 0
        return FreezeRecord(
            index=operation.index,
            account=body.account,
            asset=parse_asset(body.asset),
            tonnes=body.tonnes,
            left=left,
            document_hash=bytes.fromhex(body.document_hash),
            emergency=emergency,
            confirmed=confirmed,
            lapsed=False,
            lapses_at=lapses_at,
        )

    def freeze_body(self, op_id: bytes) -> FreezeUnits | None:
        """What the entry of that operation says, where it is a freeze; else None. Raises AttestationError."""
        operation = self._operation(op_id)
        if operation is None or operation.index is None:
            return None
        entry = self._client.entry(operation.index).entry.encode("ascii")
        body = examine(entry, self.origin).body
        return body if isinstance(body, FreezeUnits) and body.op_id == op_id.hex() else None

    def offset_fault(self, entry: EnterOffsets, /) -> tuple[str, str, str] | None:
        """Why CCER are not eligible today (DOMAIN 4), or None."""
        return offset_fault(entry, self.now)

    def _account(self, identifier: str) -> Account:
        if identifier not in self._accounts:
            self._accounts[identifier] = self._client.account(identifier)
        return self._accounts[identifier]

    def _obligation(self, enterprise: str, year: int) -> Obligation:
        if (enterprise, year) not in self._obligations:
            self._obligations[enterprise, year] = self._client.obligation(year, enterprise)
        return self._obligations[enterprise, year]

    def _operation(self, op_id: bytes) -> Operation | None:
        try:
            return self._client.operation(op_id.hex())
        except RefusedByService as refused:
            # An enterprise is not told whether there is an operation that is not its own.
            if refused.status in {_NOT_FOUND, _FORBIDDEN}:
                return None
            raise
