"""A notice in words, English and Chinese: what was done, why, on whose approval, and how to object."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attestation.assets import CCER, format_asset, vintage_of
from attestation.instants import format_instant
from ledger.notices.notice import ALONE, Notice, Power

_DONE: Mapping[Power, tuple[str, str]] = MappingProxyType(
    {
        Power.FREEZE: ("{units} of {account} are frozen", "{account} 的 {units_zh} 已冻结"),
        Power.FREEZE_AT_ONCE: (
            "{units} of {account} are frozen at once; the freeze lapses after 24 hours unless two persons confirm it",
            "{account} 的 {units_zh} 已紧急冻结；24 小时内未经双人确认即失效",
        ),
        Power.CONFIRM_FREEZE: (
            "two persons confirmed the emergency freeze of {units} of {account}: it lapses no more",
            "{account} 的 {units_zh} 紧急冻结已经双人确认，不再自动失效",
        ),
        Power.LAPSE_FREEZE: (
            "the emergency freeze of {units} of {account} was not confirmed and is over",
            "{account} 的 {units_zh} 紧急冻结未经确认，已失效",
        ),
        Power.RELEASE: ("{units} of {account} are released from a freeze", "{account} 的 {units_zh} 已解冻"),
        Power.SUSPEND: (
            "the account {account} is suspended: nothing leaves it, and its orders have ended",
            "账户 {account} 已暂停：资产不得转出，委托已终止",
        ),
        Power.RESUME: ("the account {account} is no longer suspended", "账户 {account} 已恢复"),
        Power.TRANSFER: (
            "{units} move from {sender} to {receiver} without a trade",
            "{units_zh} 由 {sender} 非交易划转至 {receiver}",
        ),
        Power.REVERSAL: (
            "{units} go back from {sender} to {receiver}: a compensating entry for the settled trade {trade}",
            "{units_zh} 由 {sender} 退回 {receiver}：对已交收成交 {trade} 的补偿分录",
        ),
        Power.REFUND: (
            "CNY {yuan} come back to {account}: a compensating entry for the settled trade {trade}",
            "{yuan} 元退回 {account}：对已交收成交 {trade} 的补偿分录",
        ),
        Power.CANCEL: ("{units} of {account} are cancelled by order", "{account} 的 {units_zh} 已强制注销"),
        Power.COLLECT: (
            "what {account} owes back of {asset} and did not return in time is collected",
            "{account} 逾期未退还的 {asset_zh} 已收回",
        ),
        Power.BIND: (
            "withdrawals of {account} go to another bank account from now on",
            "{account} 的出金银行账户已变更",
        ),
        Power.PRICE: ("the reference price of {asset} is set to CNY {yuan}", "{asset_zh}的参考价定为 {yuan} 元"),
        Power.HALT: ("trading of {asset} on {day} is halted", "{asset_zh} {day} 交易已停市"),
        Power.RESUME_MARKET: ("trading of {asset} on {day} goes on", "{asset_zh} {day} 交易已恢复"),
    }
)


def done(notice: Notice) -> tuple[str, str]:
    """One line: what was done, to whom, in English and Chinese."""
    account = notice.accounts[0] if notice.accounts else ""
    asset, asset_zh = ("", "") if notice.asset is None else (format_asset(notice.asset), _asset_zh(notice.asset))
    fen = notice.fen or 0
    members = {
        "account": account,
        "asset": asset,
        "asset_zh": asset_zh,
        "units": f"{notice.tonnes} t of {asset}",
        "units_zh": f"{asset_zh} {notice.tonnes} 吨",
        "sender": notice.sender,
        "receiver": notice.receiver,
        "trade": None if notice.reverses is None else notice.reverses.hex(),
        "yuan": f"{fen // 100}.{fen % 100:02}",
        "day": notice.day,
    }
    english, chinese = _DONE[notice.power]
    return english.format(**members), chinese.format(**members)


def grounds(notice: Notice) -> tuple[str, str]:
    """Reason, document, who and when, in English and Chinese."""
    at, entry = format_instant(notice.at), notice.index
    by = f"Entry {entry}, {at}, by {notice.issuer}"
    by_zh = f"记录 {entry}，{at}，由 {notice.issuer} 提交"
    if notice.approvers:
        names = " and ".join(notice.approvers)
        by, by_zh = f"{by}, approved by {names}", f"{by_zh}，经 {'、'.join(notice.approvers)} 批准"
    elif notice.power in ALONE:
        by, by_zh = f"{by} alone", f"{by_zh}（单人）"
    reason = "by rule, without a reason of its own" if notice.reason is None else notice.reason
    reason_zh = "依规则执行，无另附理由" if notice.reason is None else notice.reason
    document = "none" if notice.document_hash is None else f"SHA-256 {notice.document_hash}"
    document_zh = "无" if notice.document_hash is None else f"SHA-256 {notice.document_hash}"
    return (
        f"{by}. Reason: {reason}. Document: {document}.",
        f"{by_zh}。理由：{reason_zh}。依据文件：{document_zh}。",
    )


def remedy(notice: Notice) -> tuple[str, str]:
    """How to object, in English and Chinese."""
    entry = notice.index
    bodies = "the registrar" if not notice.approvers else "the registrar and to the bodies of those who approved"
    bodies_zh = "登记机构" if not notice.approvers else "登记机构及批准人所属机构"
    return (
        f"To object, write to {bodies}, name entry {entry} and ask for the document; nothing is deleted: what was "
        f"wrong is undone by another entry. The entry proves itself: tanlu receipt {entry}",
        f"如有异议，请书面致{bodies_zh}，注明记录 {entry} 并索取依据文件；记录不会删除，错误以另一条记录更正。"
        f"该记录可自证：tanlu receipt {entry}",
    )


def _asset_zh(asset: int) -> str:
    return "CCER" if asset == CCER else f"{vintage_of(asset)} 年度配额"
