"""Answers about accounts and assets (DOMAIN 22). Amounts are whole tonnes, money is fen."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.block_models import AsOf
from api.compliance_models import CompliancePosition, ComplianceTerms, position_members
from api.models import HASH, Answer
from attestation.assets import ASSET_PATTERN, format_asset
from ledger.accounts import AccountStatement, AssetView, HoldingView
from ledger.accounts import AccountSummary as Summary
from ledger.as_of import AsOf as Block
from ledger.compliance_views import EnterpriseYear, YearTerms
from ledger.db.assets import FreezeState

_ASSET = Field(pattern=f"^({ASSET_PATTERN})$", description="`quota-2025`, or `ccer`.")


class Holding(Answer):
    """What an account holds of an asset."""

    asset: str = _ASSET
    registry: int = Field(description="Moves freely.")
    trading: int = Field(description="In the trading balance: orders and fills take from it.")
    locked: int = Field(description="Of it, bought too lately to be sold (DOMAIN 16, 17).")
    frozen: int = Field(description="Stays until it is released.")
    leaving: int = Field(description="Accepted, not on chain yet: what goes out of `registry`. 0 as of a named block.")
    arriving: int = Field(description="Accepted, not on chain yet: what comes into it. 0 as of a named block.")

    @classmethod
    def of(cls, found: HoldingView) -> Self:
        """From the log's view."""
        held = found.balance
        return cls(
            asset=format_asset(found.asset),
            registry=held.registry,
            trading=held.trading,
            locked=found.locked,
            frozen=held.frozen,
            leaving=found.leaving,
            arriving=found.arriving,
        )


class Freeze(Answer):
    """A freeze of which something is left."""

    freeze: str = Field(pattern=HASH, description="The operation that made it, which names it.")
    asset: str = _ASSET
    tonnes: int
    left: int = Field(description="What of it is frozen still.")
    lapses_at: int | None = Field(
        description="It lapses then unless confirmed (DOMAIN 23); null: two persons approved."
    )
    document_hash: str = Field(pattern=HASH)
    index: int = Field(description="Log position of the entry that asked for it.")

    @classmethod
    def of(cls, found: FreezeState) -> Self:
        """From the projection."""
        return cls(
            freeze=found.freeze.hex(),
            asset=format_asset(found.asset),
            tonnes=found.tonnes,
            left=found.left,
            lapses_at=found.lapses_at or None,
            document_hash=found.document_hash.hex(),
            index=found.entry_index,
        )


class Owed(Answer):
    """What an account owes back after reconciliation (DOMAIN 31)."""

    tonnes: int
    due_at: int = Field(description="From then on it is collected.")
    reserve: str = Field(description="To whose account it goes.")


class AccountYear(CompliancePosition):
    """A compliance year of the account, and what held for it."""

    terms: ComplianceTerms | None
    price_fen: int | None

    @classmethod
    def told(cls, found: EnterpriseYear, holds: YearTerms) -> Self:
        """From the log's view."""
        members = position_members(found)
        return cls.model_validate(members | {"terms": ComplianceTerms.of(holds), "price_fen": holds.price_fen})


class AccountCash(Answer):
    """An account's money as the exchange has it; what of it is spoken for: `/v1/cash/{identifier}`."""

    free_fen: int
    trading_fen: int = Field(description="Stands behind orders.")
    withdrawing_fen: int = Field(description="On its way to the bank.")


class AccountSummary(Answer):
    """An account in a line."""

    identifier: str
    account: str = Field(pattern=HASH, description="Account id: Keccak-256 of the identifier's UTF-8.")
    kind: str = Field(description="`park`, whose account is the reserve, or `enterprise`.")
    holdings: list[Holding] = Field(description="Quota by vintage, then CCER; also what it has nothing left of.")
    suspended_at: int | None = Field(description="Since when nothing leaves it; null while it is not suspended.")
    owed: Owed | None

    @classmethod
    def of(cls, found: Summary) -> Self:
        """From the log's view."""
        return cls(
            identifier=found.identifier,
            account=found.account.hex(),
            kind=found.kind,
            holdings=[Holding.of(one) for one in found.holdings],
            suspended_at=found.suspended_at or None,
            owed=_owed(found),
        )


class Accounts(Answer):
    """Accounts by identifier."""

    accounts: list[AccountSummary]
    next: str | None = Field(description="Ask with `after` set to it for more, if not null.")


class Account(AccountSummary):
    """The statement of an account."""

    as_of: AsOf | None = Field(description="Null where no chain was read.")
    at: int | None = Field(
        description="The instant that was asked for, unix seconds: `as_of` is the last block with an event of our "
        "contracts until then. Null where a block was asked for."
    )
    cash: AccountCash
    pledged: int = Field(description="Tonnes of what is frozen with the holder's consent; nothing is pledged yet.")
    freezes: list[Freeze]
    years: list[AccountYear] = Field(description="Years with terms, a figure or a score; none of a park.")

    @classmethod
    def told(cls, found: AccountStatement) -> Self:
        """From the log's view."""
        summary = AccountSummary.of(found.summary)
        return cls(
            **{name: getattr(summary, name) for name in AccountSummary.model_fields},
            as_of=AsOf.of(found.as_of),
            at=found.at,
            cash=AccountCash(
                free_fen=found.cash.free, trading_fen=found.cash.trading, withdrawing_fen=found.cash.withdrawing
            ),
            pledged=found.pledged,
            freezes=[Freeze.of(one) for one in found.freezes],
            years=[AccountYear.told(*one) for one in found.years],
        )


class AssetSupply(Answer):
    """What became of an asset. Law 3: issued = registry + trading + frozen + surrendered + cancelled."""

    asset: str = _ASSET
    issued: int
    surrendered: int
    cancelled: int
    registry: int = Field(description="All accounts together, as are `trading` and `frozen`.")
    trading: int
    frozen: int
    accounts: int = Field(description="How many accounts hold any.")

    @classmethod
    def of(cls, found: AssetView) -> Self:
        """From the log's view."""
        return cls(
            asset=format_asset(found.asset),
            issued=found.supply.issued,
            surrendered=found.supply.surrendered,
            cancelled=found.supply.cancelled,
            registry=found.held.registry,
            trading=found.held.trading,
            frozen=found.held.frozen,
            accounts=found.held.accounts,
        )


class Asset(AssetSupply):
    """One asset as of a block."""

    as_of: AsOf | None

    @classmethod
    def told(cls, at: Block | None, found: AssetView) -> Self:
        """From the log's view."""
        supply = AssetSupply.of(found)
        return cls(**{name: getattr(supply, name) for name in AssetSupply.model_fields}, as_of=AsOf.of(at))


class Assets(Answer):
    """Every asset that was ever issued, quota by vintage first."""

    as_of: AsOf | None
    assets: list[AssetSupply]


def _owed(found: Summary) -> Owed | None:
    if not found.owed.tonnes:
        return None
    return Owed(tonnes=found.owed.tonnes, due_at=found.owed.due_at, reserve=found.reserve)
