"""How a statement of movements is written: by asset what there was, what moved, what there is (DOMAIN 21)."""

from __future__ import annotations

from tanlu.cli.positions import asset_name, block_line
from tanlu.cli.tables import table
from tanlu.client.movements import MovedAsset, Movement, Movements

_HEADER = ("block", "event", "free", "market", "frozen", "with", "entry")
_HEADER_ZH = ("区块", "事件", "可用", "交易", "冻结", "对方", "记录")
KINDS_ZH = {
    "Issued": "发放",
    "CarriedIn": "期初结转",
    "OffsetEntered": "CCER 录入",
    "Transferred": "非交易转移",
    "Allocated": "分配",
    "Returned": "退还",
    "Frozen": "冻结",
    "FreezeLapsed": "冻结失效",
    "Released": "解冻",
    "Surrendered": "清缴",
    "CarriedOver": "结转",
    "Cancelled": "自愿注销",
    "CancelledByOrder": "注销",
    "Expired": "年度关闭注销",
    "Moved": "转入或转出交易",
    "Swept": "自交易转回",
    "Settled": "成交",
    "CustodyTaken": "交合约保管",
    "CustodyGiven": "自合约保管取回",
}
"""Events by name; of a kind that is not here the contract's own name is shown."""


def movements_text(found: Movements, *, zh: bool) -> str:
    """The statement for people; amounts in tonnes."""
    last = block_line(found.as_of, zh=zh)
    since = f"自区块 {found.from_block} 起" if zh else f"from block {found.from_block} on"
    parts = [f"{found.identifier} (0x{found.account})", f"{since}；{last}" if zh else f"{since}; {last}"]
    for one in found.assets:
        moved = [each for each in found.movements if each.asset == one.asset]
        parts.append(f"{asset_name(one.asset, zh=zh)} ({'吨' if zh else 't'})")
        parts.append(table(_HEADER_ZH if zh else _HEADER, _rows(one, moved, zh=zh)))
    if not found.assets:
        parts.append("没有任何变动" if zh else "nothing ever moved in it")
    return "\n".join(parts)


def _kind_zh(one: Movement) -> str:
    if one.kind == "Released" and one.freeze is None:
        # The exchange has an event of that name too: units that left the market after its delay.
        return "自交易释放"
    return KINDS_ZH.get(one.kind, one.kind)


def _rows(one: MovedAsset, moved: list[Movement], *, zh: bool) -> list[tuple[object, ...]]:
    opening, closing = one.opening, one.closing
    rows: list[tuple[object, ...]] = [
        ("", "期初" if zh else "opening", opening.registry, opening.trading, opening.frozen, "", "")
    ]
    rows += [
        (
            each.block,
            _kind_zh(each) if zh else each.kind,
            *(f"{part:+}" if part else "0" for part in (each.registry, each.trading, each.frozen)),
            each.counterparty or "-",
            "-" if each.index is None else each.index,
        )
        for each in moved
    ]
    rows.append(("", "期末" if zh else "closing", closing.registry, closing.trading, closing.frozen, "", ""))
    return rows
