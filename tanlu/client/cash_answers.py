"""What a service says of money, in fen (DOMAIN 21)."""

from __future__ import annotations

import msgspec

from tanlu.client.compliance import AsOf


class CashShown(msgspec.Struct, frozen=True, kw_only=True):
    """An account's money: ``free_fen`` waits for a use, ``trading_fen`` stands behind orders, ``withdrawing_fen`` is
    on its way to the bank. Of the trading money is spoken for what buys hold (``in_orders_fen``), what is matched and
    not settled (``unsettled_fen``) and what sealed bids declared (``locked_fen``); ``leaving_fen`` and ``arriving_fen``
    are on their way out of it and into it. ``usable_fen``: what one more buy may take; ``withdrawable_fen``: what one
    more withdrawal or move may take of the free money."""

    identifier: str
    account: str
    as_of: AsOf | None
    free_fen: int
    trading_fen: int
    withdrawing_fen: int
    in_orders_fen: int
    unsettled_fen: int
    locked_fen: int
    leaving_fen: int
    arriving_fen: int
    usable_fen: int
    withdrawable_fen: int
    bank_account: str | None


class CashComparison(msgspec.Struct, frozen=True, kw_only=True):
    """What the bank held at the end of a day, and the ledger's cash when the exchange compared the two."""

    day: int
    bank_fen: int
    ledger_fen: int


class CashTotal(msgspec.Struct, frozen=True, kw_only=True):
    """All cash of the ledger, which is what the bank holds (DOMAIN 21); ``halted`` where the last comparison
    (``compared``, None before the first) said otherwise."""

    as_of: AsOf | None
    total_fen: int
    halted: bool
    compared: CashComparison | None
