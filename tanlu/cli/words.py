"""What an act of two persons is, in words: what each of them reads before signing (DOMAIN 23)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from attestation.bodies import SetMarketTerms
from tanlu.proposals import Proposal

_ACTIONS_ZH: Mapping[str, str] = MappingProxyType(
    {
        "issue": "发放配额",
        "transfer": "非交易划转",
        "cancel": "强制注销",
        "freeze": "冻结",
        "confirm-freeze": "确认紧急冻结",
        "release": "解除冻结",
        "suspend": "暂停或恢复账户",
        "carry-in": "期初余额结转",
        "ccer": "录入 CCER",
        "terms": "年度履约条件",
        "price": "参考价格",
        "allocation": "配额分配",
        "market terms": "市场规则",
        "reference": "市场参考价",
        "bind": "绑定银行账户",
        "deposit": "入金",
        "payout": "出金结果",
    }
)
_NOT_READ = frozenset({"action", "approvals", "table", "document"})
"""Members that say nothing in a line: how the act is tagged, nobody's approvals, whole documents."""


def said(proposal: Proposal, *, zh: bool) -> str:
    """The act and every member that is signed, as the statement writes them."""
    members: dict[str, Any] = msgspec.to_builtins(proposal.signed)
    # A year has terms, and the market has.
    action = "market terms" if isinstance(proposal.body, SetMarketTerms) else proposal.action
    shown = ", ".join(f"{name} {_text(value)}" for name, value in members.items() if name not in _NOT_READ)
    return f"{_ACTIONS_ZH.get(action, action) if zh else action}: {shown}"


def signs_as(identifier: str, *, zh: bool) -> str:
    """Whose word it is: offline nothing says whether that is a person."""
    if zh:
        return f"以 {identifier} 的名义批准；本机无法得知其类别，若非个人，提交时将被拒绝（approval.kind）"
    return f"approved as {identifier}; its kind is not known here: if it is no person, submission refuses approval.kind"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " and ".join(map(_text, value))
    return " to ".join(map(_text, value.values())) if isinstance(value, dict) else str(value)
