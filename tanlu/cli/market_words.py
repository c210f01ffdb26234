"""How commands call what the market says: sides, kinds, states and reasons, in English and Chinese (DOMAIN 12 to 17).

JSON keeps the service's words, fen and seconds; people read these, yuan, and the clock of the market's hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_SIDES: Mapping[str, str] = MappingProxyType({"buy": "买入", "sell": "卖出"})
_KINDS: Mapping[str, str] = MappingProxyType(
    {"listed": "挂牌", "block": "大宗", "bilateral": "双边", "auction": "竞价"}
)
_DAYS: Mapping[str, str] = MappingProxyType({"open": "开市", "halted": "暂停", "closed": "已收市"})
_FILLS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "matched": ("matched, not settled yet", "已成交，待交收"),
        "settled": ("settled", "已交收"),
        "undone": ("undone by the contract", "合约拒绝，已撤销"),
    }
)
_ORDERS: Mapping[str, str] = MappingProxyType(
    {"open": "有效", "filled": "全部成交", "cancelled": "已撤单", "ended": "已终止", "refused": "合约已拒绝"}
)
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "filled": "全部成交",
        "cancelled": "撤单",
        "day": "收市",
        "deadline": "到期",
        "self": "将与本方成交",
        "minimum": "低于最小成交量",
        "counterparty": "非指名对手方",
        "outbid": "未中标",
        "unsold": "未售出",
        "suspended": "账户已暂停",
        "key": "密钥已失效",
    }
)


def side(word: str, *, zh: bool) -> str:
    """``buy`` or ``sell``."""
    return _SIDES[word] if zh else word


def kind(word: str, *, zh: bool) -> str:
    """How an order meets another."""
    return _KINDS[word] if zh else word


def day_status(word: str, *, zh: bool) -> str:
    """What a trading day is."""
    return _DAYS[word] if zh else word


def fill_state(word: str, *, zh: bool) -> str:
    """What became of a fill."""
    return _FILLS[word][zh]


def order_status(word: str, reason: str | None, *, zh: bool) -> str:
    """What became of an order, and why where that is not the same."""
    if not zh:
        return word if reason in {None, word} else f"{word} ({reason})"
    told = _ORDERS[word]
    why = None if reason is None else _REASONS.get(reason, reason)
    return told if why is None or reason == word else f"{told}（{why}）"
