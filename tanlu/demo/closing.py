"""The demo's closing table: what everybody was given, traded, surrendered, paid and still has, to tonne and fen.

Every column is read where it is kept: trades from the market, surrenders and charges from the year's positions, what is
held from the accounts on chain. That a row adds up is checked, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tanlu.client.market_answers import Trade
from tanlu.demo.checks import Unsound

_HEADER = (
    *("", "given", "bought", "sold", "surrendered", "held t", "paid in", "spent", "received"),
    *("cash CNY", "charge CNY"),
)
_HEADER_ZH = ("", "分得", "买入", "卖出", "清缴", "持有（吨）", "入金", "支出", "收入", "资金（元）", "违约金（元）")


@dataclass(frozen=True, slots=True)
class Closing:
    """One account's year: tonnes of quota, fen. ``given``: allocated, of the park what was not."""

    name: str
    given: int
    bought: int
    sold: int
    surrendered: int
    held: int
    deposited_fen: int
    spent_fen: int
    received_fen: int
    cash_fen: int
    charge_fen: int

    @classmethod
    def of(
        cls,
        name: str,
        identifier: str,
        trades: Sequence[Trade],
        *,
        given: int,
        surrendered: int,
        held: int,
        deposited_fen: int,
        cash_fen: int,
        charge_fen: int,
    ) -> Closing:
        """With what ``trades`` say of the account ``identifier``. Fees are none in the demo."""
        bought = [trade for trade in trades if trade.buyer == identifier]
        sold = [trade for trade in trades if trade.seller == identifier]
        return cls(
            name=name,
            given=given,
            bought=sum(trade.tonnes for trade in bought),
            sold=sum(trade.tonnes for trade in sold),
            surrendered=surrendered,
            held=held,
            deposited_fen=deposited_fen,
            spent_fen=sum(trade.value_fen for trade in bought),
            received_fen=sum(trade.value_fen for trade in sold),
            cash_fen=cash_fen,
            charge_fen=charge_fen,
        )

    @property
    def amounts(self) -> tuple[int, ...]:
        """The columns after the name."""
        return (
            *(self.given, self.bought, self.sold, self.surrendered, self.held, self.deposited_fen),
            *(self.spent_fen, self.received_fen, self.cash_fen, self.charge_fen),
        )


def total(rows: Iterable[Closing], name: str = "sum") -> Closing:
    """The columns added up."""
    return Closing(name, *(sum(column) for column in zip(*(row.amounts for row in rows), strict=True)))


def check(rows: Sequence[Closing], *, cap_tonnes: int, ledger_fen: int) -> None:
    """Every row adds up, and all of them to the cap and the ledger's cash. Raises Unsound (``demo.closing``)."""
    whole = total(rows)
    for row in (*rows, whole):
        _equal(f"{row.name}: t", row.held, row.given + row.bought - row.sold - row.surrendered)
        _equal(f"{row.name}: fen", row.cash_fen, row.deposited_fen + row.received_fen - row.spent_fen)
    _equal("bought and sold t", whole.bought, whole.sold)
    _equal("held and surrendered t", whole.held + whole.surrendered, cap_tonnes)
    _equal("fen in all", whole.cash_fen, ledger_fen)


def lines(rows: Sequence[Closing], *, zh: bool) -> list[str]:
    """The table with its sums, numbers right, a line each."""
    whole = total(rows, "合计" if zh else "sum")
    cells = [list(_HEADER_ZH if zh else _HEADER), *(_cells(row) for row in (*rows, whole))]
    widths = [max(_width(line[column]) for line in cells) for column in range(len(cells[0]))]
    return ["  ".join(map(_right, line, widths)) for line in cells]


def _right(cell: str, width: int) -> str:
    return " " * (width - _width(cell)) + cell


def _cells(row: Closing) -> list[str]:
    tonnes, money = row.amounts[:5], row.amounts[5:]
    return [row.name, *(f"{one:,}" for one in tonnes), *(f"{fen // 100:,}.{fen % 100:02}" for fen in money)]


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _equal(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise Unsound(
            rule="demo.closing",
            value=f"{what}: {found}",
            expected=str(expected),
            message="The closing table does not add up.",
            message_zh="年终账不平。",
        )
