"""What must hold after every block, whoever called what: nothing is made or lost on the way (laws 3, 4, 6, 7 of
docs/contracts.md; DOMAIN 4, 16, 21, 22).

Read from what was projected anew out of the chain's own logs. In memory is one number per account and asset.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from ledger.audit.findings import Area, Divergences
from ledger.fsck.faults import shown
from ledger.fsck.store import Row, Store

_WHOLE_BPS: Final = 10_000
_OFFSET_KIND: Final = 2
_KIND_SHIFT: Final = 16


def check_laws(store: Store, exchange: bytes | None, divergences: Divergences) -> int:
    """Check every block with a movement; ``exchange``: its address. Returns how many blocks there were."""
    units = _Units(exchange, divergences)
    blocks = 0
    query = (
        "SELECT block_number, account, asset, registry, trading, frozen, issued, surrendered, cancelled"
        " FROM chain_movements ORDER BY block_number, log_index, part"
    )
    for block, rows in _by_block(store, query):
        blocks += 1
        units.take(block, rows)
    cash = _Cash(divergences)
    query = (
        "SELECT block_number, account, free, trading, withdrawing, kind FROM chain_cash"
        " ORDER BY block_number, log_index, part"
    )
    for block, rows in _by_block(store, query):
        blocks += 1
        cash.take(block, rows)
    _offsets(store, divergences)
    return blocks


def _by_block(store: Store, query: str) -> Iterator[tuple[int, Iterator[Row]]]:
    return groupby(store.stream(query), key=lambda row: row[0])


class _Units:
    """Balances of all accounts, and of each asset what became of it."""

    def __init__(self, exchange: bytes | None, divergences: Divergences) -> None:
        self._custodian = None if exchange is None else exchange.rjust(32, b"\0")
        self._divergences = divergences
        self._free: dict[tuple[bytes, int], int] = defaultdict(int)
        self._frozen: dict[tuple[bytes, int], int] = defaultdict(int)
        self._traded: dict[tuple[bytes, int], int] = defaultdict(int)
        self._held: dict[int, int] = defaultdict(int)
        self._trading: dict[int, int] = defaultdict(int)
        self._supply: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])

    def take(self, block: int, rows: Iterator[Row]) -> None:
        """One block\'s movements, and what must hold after it."""
        touched: set[tuple[bytes, int]] = set()
        for _, account, asset, registry, trading, frozen, *supply in rows:
            place = (account, asset)
            touched.add(place)
            self._free[place] += registry
            self._frozen[place] += frozen
            self._traded[place] += trading
            self._held[asset] += registry + frozen
            self._trading[asset] += trading
            for name, change, at in zip(("surrendered", "cancelled"), supply[1:], (1, 2), strict=True):
                if change < 0:
                    self._add(block, asset, f"audit.{name}_returned", change, "never less than before")
                self._supply[asset][at] += change
            self._supply[asset][0] += supply[0]
        for place in sorted(touched):
            for name, held in (("free", self._free), ("frozen", self._frozen), ("trading", self._traded)):
                if held[place] < 0:
                    self._add(block, place[1], f"audit.{name}_negative", held[place], "0 or more", account=place[0])
        for asset in sorted({asset for _, asset in touched}):
            issued, surrendered, cancelled = self._supply[asset]
            if self._held[asset] != issued - surrendered - cancelled:
                self._add(block, asset, "audit.supply", self._held[asset], f"{issued} - {surrendered} - {cancelled}")
            if self._custodian is not None and self._free[self._custodian, asset] != self._trading[asset]:
                kept = self._free[self._custodian, asset]
                self._add(block, asset, "audit.custody", kept, f"{self._trading[asset]}, what accounts have in trading")

    def _add(self, block: int, asset: int, rule: str, found: object, expected: object, **evidence: object) -> None:
        self._divergences.add(Area.UNIT, f"block {block}, asset {asset:#x}", rule, found, expected, **evidence)


class _Cash:
    """Cash of all accounts, in fen."""

    def __init__(self, divergences: Divergences) -> None:
        self._divergences = divergences
        self._accounts: dict[bytes, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._all = 0
        self._banked = 0

    def take(self, block: int, rows: Iterator[Row]) -> None:
        """One block\'s movements, and what must hold after it."""
        touched = set()
        for _, account, *changes, kind in rows:
            touched.add(account)
            held = self._accounts[account]
            for at, change in enumerate(changes):
                held[at] += change
            self._all += sum(changes)
            # Only what the bank received or paid changes the sum.
            if kind in {"Deposited", "PaidOut"}:
                self._banked += sum(changes)
        for account in sorted(touched):
            for name, amount in zip(("free", "trading", "withdrawing"), self._accounts[account], strict=True):
                if amount < 0:
                    self._add(block, f"audit.cash_{name}_negative", amount, "0 or more", account)
        if self._all != self._banked:
            self._add(block, "audit.cash", self._all, f"{self._banked}, what the bank received less what it paid", None)

    def _add(self, block: int, rule: str, found: object, expected: object, account: bytes | None) -> None:
        evidence = {} if account is None else {"account": shown(account)}
        self._divergences.add(Area.UNIT, f"block {block}, cash", rule, found, expected, **evidence)


def _offsets(store: Store, divergences: Divergences) -> None:
    """Offsets used at each surrender against the cap of the year and the figure as they were then (DOMAIN 4)."""
    used: dict[tuple[bytes, int], int] = defaultdict(int)
    query = (
        "SELECT block_number, log_index, account, year, asset, tonnes FROM chain_surrenders"
        " ORDER BY block_number, log_index"
    )
    for block, log, account, year, asset, tonnes in store.stream(query):
        if asset >> _KIND_SHIFT != _OFFSET_KIND:
            continue
        used[account, year] += tonnes
        terms = store.scalar(
            "SELECT offset_cap_bps FROM chain_terms WHERE year = ? AND (block_number < ? OR (block_number = ? AND"
            " log_index < ?)) ORDER BY block_number DESC, log_index DESC LIMIT 1",
            *(year, block, block, log),
        )
        figure = store.scalar(
            "SELECT tonnes FROM chain_emissions WHERE enterprise = ? AND year = ? AND block_number <= ?"
            " ORDER BY revision DESC LIMIT 1",
            *(account, year, block),
        )
        cap = (figure or 0) * (terms or 0) // _WHOLE_BPS
        if used[account, year] > cap:
            divergences.add(
                Area.OBLIGATION, f"block {block} log {log}, year {year}", "audit.offset_cap", used[account, year],
                f"at most {cap}", account=account,
            )  # fmt: skip
