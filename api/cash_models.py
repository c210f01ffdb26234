"""Answers about money (DOMAIN 21), in fen."""

from __future__ import annotations

from pydantic import Field

from api.block_models import AsOf
from api.market_models import DAY, Told
from api.models import HASH


class Cash(Told):
    """An account's money, as the chain has it, and what of it is spoken for."""

    identifier: str
    account: str = Field(pattern=HASH)
    as_of: AsOf | None = Field(description="Null where no chain was read.")
    free_fen: int = Field(description="Waits for a use; only this is withdrawn.")
    trading_fen: int = Field(description="Stands behind orders.")
    withdrawing_fen: int = Field(description="On its way to the bound account at the bank.")
    in_orders_fen: int = Field(description="Of the trading money: what open buys hold, with their fees.")
    unsettled_fen: int = Field(description="Of it: what was matched and is not settled yet.")
    locked_fen: int = Field(description="Of it: what sealed bids declared (DOMAIN 14).")
    leaving_fen: int = Field(
        description="Moves out of it that are not on chain yet, and what was asked out on the exchange itself."
    )
    arriving_fen: int = Field(description="What comes into it: moves, and proceeds of what is not settled yet.")
    usable_fen: int = Field(
        description="What one more buy may take: trading + arriving - leaving, less what is spoken for; at least 0."
    )
    withdrawable_fen: int = Field(description="What one more withdrawal or move may take of the free money.")
    bank_account: str | None = Field(pattern=HASH, description="Hash of the one account that money leaves to.")


class CashComparison(Told):
    """The bank's balance beside the ledger's cash, as the exchange compared them."""

    day: int = DAY
    bank_fen: int = Field(description="What the bank held at the end of that day, by the registrar's word.")
    ledger_fen: int = Field(description="The ledger's cash in the block that compared the two.")


class CashTotal(Told):
    """All cash of the ledger: what the bank must hold."""

    as_of: AsOf | None
    total_fen: int
    halted: bool = Field(description="The last comparison with the bank did not fit: nothing moves until one does.")
    compared: CashComparison | None = Field(description="That comparison; null before the first.")
