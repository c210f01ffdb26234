"""What an act of two persons is, in words: what each of them reads before signing (DOMAIN 23)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from attestation.bodies import SetMarketTerms
from attestation.instants import china_time, parse_instant
from tanlu.cli.member_words import NAMES, VALUES_ZH
from tanlu.cli.positions import yuan
from tanlu.proposals import Proposal

_ACTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "issue": ("issue units", "发放配额"),
        "transfer": ("transfer units without a trade", "非交易划转"),
        "cancel": ("cancel units by order", "强制注销"),
        "freeze": ("freeze units", "冻结"),
        "confirm-freeze": ("confirm an emergency freeze", "确认紧急冻结"),
        "release": ("release frozen units", "解除冻结"),
        "suspend": ("suspend or resume an account", "暂停或恢复账户"),
        "carry-in": ("carry in a balance from before the ledger", "期初余额结转"),
        "ccer": ("enter CCER", "录入 CCER"),
        "terms": ("terms of the year", "年度履约条件"),
        "price": ("reference price of the year", "参考价格"),
        "allocation": ("allocate quota", "配额分配"),
        "market terms": ("terms of the market", "市场规则"),
        "reference": ("reference price of the market", "市场参考价"),
        "halt": ("halt a trading day", "停市"),
        "resume": ("resume a halted trading day", "复市"),
        "bind": ("bind a bank account", "绑定银行账户"),
        "deposit": ("enter a deposit that the bank received", "入金"),
        "payout": ("enter what the bank did with a withdrawal", "出金结果"),
    }
)
_NOT_READ = frozenset({"action", "approvals", "table", "document"})
"""Members that say nothing in a line: how the act is tagged, nobody's approvals, whole documents."""
_INSTANTS = frozenset({"surrender_deadline", "carry_over_until", "closes_at", "return_due"})
_SECONDS = frozenset({"release_delay_s", "amendment_seconds"})
_DAY, _WHOLE_BPS = 86_400, 10_000


def said(proposal: Proposal, *, zh: bool) -> str:
    """The act in words, then every member that is signed, a line each: money in yuan, shares in per cent, instants by
    China's clock. Of a payout, whom it is paid to follows: that is not signed, the withdrawal's operation is."""
    return "\n".join([named(proposal, zh=zh), *(f"  {line}" for line in _lines(proposal, zh=zh))])


def named(proposal: Proposal, *, zh: bool) -> str:
    """The act alone, in one line."""
    # A year has terms, and the market has.
    action = "market terms" if isinstance(proposal.body, SetMarketTerms) else proposal.action
    return _ACTIONS.get(action, (action, action))[zh]


def signs_as(identifier: str, *, zh: bool) -> str:
    """Whose word it is: offline nothing says whether that is a person."""
    if zh:
        return f"以 {identifier} 的名义批准；本机无法得知其类别，若非个人，提交时将被拒绝（approval.kind）"
    return f"approved as {identifier}; its kind is not known here: if it is no person, submission refuses approval.kind"


def _lines(proposal: Proposal, *, zh: bool) -> Iterator[str]:
    colon = "：" if zh else ": "
    members: dict[str, Any] = msgspec.to_builtins(proposal.signed)
    for name, value in members.items():
        if name not in _NOT_READ and value is not None:
            yield f"{NAMES.get(name, (name, name))[zh]}{colon}{_text(name, value, zh=zh)}"
    if isinstance(proposal.signed, SetMarketTerms) and proposal.signed.hours is None:
        yield f"{NAMES['hours'][zh]}{colon}{'不限，由每次开市公告' if zh else 'any, as each opening posts them'}"
    if proposal.action == "payout":
        yield from _payee(proposal, zh=zh)


def _payee(proposal: Proposal, *, zh: bool) -> Iterator[str]:
    asked = proposal.withdrawal
    if asked is None:
        yield (
            "收款方未载于文件：请以 --as 登录后重新编制，或查询该提款操作"
            if zh
            else "whom it is paid to is not in the file: write it with --as, or ask for the withdrawal's operation"
        )
        return
    amount = yuan(asked.fen)
    yield f"收款方：{asked.payee}" if zh else f"payee: {asked.payee}"
    yield f"金额：{amount} 元" if zh else f"amount: CNY {amount}"
    yield f"绑定银行账户的哈希：{asked.bank_account}" if zh else f"hash of the bound bank account: {asked.bank_account}"
    yield (
        f"以上三项出自文件所附的第 {asked.index} 条记录（收款方所签）；离线无法证明该记录已入日志"
        if zh
        else f"these three are the payee's word, as the file has entry {asked.index}; offline nothing proves that entry"
    )


def _text(name: str, value: Any, *, zh: bool) -> str:
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if isinstance(value, int):
        return _number(name, value, zh=zh)
    if isinstance(value, dict):
        return _parts(value, zh=zh)
    if isinstance(value, list | tuple):
        return ("、" if zh else " and ").join(_parts(each, zh=zh) for each in value)
    if name in _INSTANTS:
        return china_time(parse_instant(value))
    # Only where the statement chooses from words: a reason is what somebody wrote.
    return VALUES_ZH.get(name, {}).get(value, str(value)) if zh else str(value)


def _number(name: str, value: int, *, zh: bool) -> str:
    if name == "maximum_holders" and not value:
        return "不限" if zh else "no limit"
    if name in {"fen", "price_fen", "fen_per_tonne"}:
        unit = "" if name == "fen" else "/吨" if zh else " a tonne"
        return f"{yuan(value)} 元{unit}" if zh else f"CNY {yuan(value)}{unit}"
    if name == "charge_multiple_bps":
        return f"{_decimal(value, _WHOLE_BPS)} {'倍' if zh else 'times'}"
    if name.endswith("_bps"):
        return f"{_decimal(value, 100)} %"
    return f"{_decimal(value, _DAY)} {'天' if zh else 'days'}" if name in _SECONDS else str(value)


def _parts(value: Any, *, zh: bool) -> str:
    if not isinstance(value, dict):
        return str(value)
    if all(isinstance(part, str) for part in value.values()):
        # The first and the last of something: hours, a period.
        return ("至" if zh else " to ").join(value.values())
    named_parts = (f"{NAMES.get(name, (name, name))[zh]} {_text(name, part, zh=zh)}" for name, part in value.items())
    return ("；" if zh else "; ").join(named_parts)


def _decimal(value: int, unit: int) -> str:
    """``value / unit`` exactly, in at most four decimals; what does not fit stays a fraction."""
    scaled, rest = divmod(value * 10_000, unit)
    if rest:
        return f"{value}/{unit}"
    whole, part = divmod(scaled, 10_000)
    return f"{whole}.{part:04}".rstrip("0").rstrip(".")
