"""What verification asks of the chain as it was read: holdings, obligations, terms (DOMAIN 2 to 7, 22, 23).

The chain is the truth; an answer is what was read of it, and beside that what the log has on its way there (accepted,
not on chain yet, not refused by the contract). Accounts are identifiers, assets those of ``attestation.assets``,
operations 32 bytes, amounts whole tonnes, instants unix seconds. A ledger without these contracts has no domain of
theirs; everything else is empty there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from attestation.bodies import EnterOffsets
    from attestation.typed_data import Domain


class HoldingRecord(Struct, frozen=True):
    """What an account holds of an asset. ``registry`` moves freely, ``trading`` is the market's, ``frozen`` stays.

    ``leaving`` is what intents on their way take out of ``registry``, ``arriving`` what they bring.
    """

    registry: int = 0
    trading: int = 0
    frozen: int = 0
    leaving: int = 0
    arriving: int = 0

    @property
    def available(self) -> int:
        """What one more intent may take, as far as the log knows; what arrives before it counts."""
        return max(0, self.registry + self.arriving - self.leaving)


class ObligationRecord(Struct, frozen=True):
    """The position of an enterprise's year as ``ICompliance.positionOf`` gives it, and what is on its way.

    ``emissions`` and ``revision`` are of the figure that is registered on chain, 0 where there is none. ``quota``,
    ``offsets_used``: surrendered; ``offsets_counted``: of those, within ``offset_cap``. ``credit_in``, ``credit_out``:
    excess of an amendment, from the year before and to the next. ``due``: still to be met. ``missed``, ``charge_fen``:
    fixed by the last assessment, where ``assessed``. ``carried``: tonnes of this vintage carried over. ``deadline``:
    the first second that is too late for a surrender. ``lowest``: the lowest figure that stood on chain since an
    amendment's time ago, None where none is known. ``quota_leaving``, ``offsets_leaving``, ``carried_leaving``: on
    their way.
    """

    emissions: int = 0
    revision: int = 0
    offset_cap: int = 0
    quota: int = 0
    offsets_used: int = 0
    offsets_counted: int = 0
    credit_in: int = 0
    credit_out: int = 0
    due: int = 0
    missed: int = 0
    charge_fen: int = 0
    carried: int = 0
    deadline: int = 0
    assessed: bool = False
    lowest: int | None = None
    quota_leaving: int = 0
    offsets_leaving: int = 0
    carried_leaving: int = 0


class TermsRecord(Struct, frozen=True):
    """The terms of a compliance year, as in ``attestation.asset_messages.YearTerms``; the latest that were accepted."""

    year: int
    offset_cap_bps: int
    surrender_deadline: int
    carry_over_until: int
    closes_at: int
    carry_base_bps: int
    carry_multiple_bps: int
    charge_multiple_bps: int
    amendment_seconds: int
    earlier_vintages: bool


class FreezeRecord(Struct, frozen=True):
    """A freeze of ``tonnes``, of which ``left`` are frozen still, less what releases on their way take.

    ``index`` is its entry's, ``document_hash`` its document's. ``emergency``: nobody approved it when it was signed;
    ``confirmed``, ``lapsed``: entries said so since. ``lapses_at`` is when it lapses unless confirmed (0: never), as
    the chain says or, while it is on its way, at the earliest.
    """

    index: int
    account: str
    asset: int
    tonnes: int
    left: int
    document_hash: bytes
    emergency: bool
    confirmed: bool
    lapsed: bool
    lapses_at: int


class OwedRecord(Struct, frozen=True):
    """What an account owes back after reconciliation (DOMAIN 31), less ``leaving``, and until when."""

    tonnes: int = 0
    leaving: int = 0
    due_at: int = 0


class SerialsRecord(Struct, frozen=True):
    """Serials of a series that the entry at ``index`` brought, both ends included."""

    index: int
    first: int
    last: int


class AssetFacts(Protocol):
    """Part of ``attestation.context.Context``. An entry whose call the contract finally refused established nothing
    of what is asked here, save that its operation is used."""

    @property
    def ledger_domain(self) -> Domain | None:
        """EIP-712 domain of ``CarbonLedger``, or None where there is no such contract."""

    @property
    def compliance_domain(self) -> Domain | None:
        """EIP-712 domain of ``Compliance``, or None where there is no such contract."""

    def op_taken(self, op_id: bytes, /) -> int | None:
        """The entry that named this operation, or None."""

    def holding(self, account: str, asset: int, /) -> HoldingRecord:
        """What the account holds of the asset."""

    def obligation_position(self, enterprise: str, year: int, /) -> ObligationRecord:
        """Where the enterprise's year stands."""

    def year_terms(self, year: int, /) -> TermsRecord | None:
        """The terms of the year, or None before the first."""

    def price(self, year: int, /) -> int | None:
        """The year's reference price in fen a tonne, or None before the first."""

    def price_charged(self, year: int, /) -> bool:
        """Whether something was charged by the year's price, as far as the chain was read."""

    def credited(self, enterprise: str, year: int, /) -> int | None:
        """The last entry that credits what was surrendered beyond the year's obligation, or None."""

    def assessed(self, enterprise: str, year: int, /) -> int | None:
        """The last entry that assesses the enterprise's year, or None."""

    def suspended(self, account: str, /) -> int | None:
        """The entry that suspended the account, or None where nothing does."""

    def owed(self, account: str, /) -> OwedRecord:
        """What the account owes back."""

    def freeze(self, op_id: bytes, /) -> FreezeRecord | None:
        """The freeze of that operation, or None."""

    def opening_balance(self, account: str, asset: int, /) -> int | None:
        """The entry that carried in a balance of the asset, or None."""

    def serials_taken(self, series: str, first: int, last: int, /) -> SerialsRecord | None:
        """An entry that brought any serial of that range, or None."""

    def cancellation_taken(self, cancellation: str, /) -> int | None:
        """The entry that named this cancellation, or None."""

    def net_sold(self, enterprise: str, year: int, /) -> int:
        """Tonnes of the vintage sold less bought on the market, 0 where it bought more (DOMAIN 6)."""

    def offset_fault(self, entry: EnterOffsets, /) -> tuple[str, str, str] | None:
        """Why CCER are not eligible on the day of the acceptance (DOMAIN 4): what was found and what is expected, in
        English and Chinese; None where they are."""
