"""What an entry says, in one line of English and one of Chinese, from its body alone.

Braces name members of the body, dots go into parts of it. Money that members give in fen is written in yuan, long
hashes by their first twelve digits. A kind of statement without a sentence of its own is named by type and action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

_HASH: Final = re.compile(r"[0-9a-f]{64}|[A-Za-z0-9_-]{43}")
_HASH_SHOWN: Final = 12
_LONGEST: Final = 300
_FEN: Final = re.compile(r"(.*_)?fen(_.*)?")
_FIELD: Final = re.compile(r"{([a-z_.]+)}")

Sentence = tuple[str, str]

SENTENCES: Final[Mapping[tuple[str, str | None], Sentence]] = MappingProxyType(
    {
        ("key", "enrol"): (
            "enrols {subject.identifier} ({subject.kind}) with its first key",
            "登记 {subject.identifier}（{subject.kind}）及其首个密钥",
        ),
        ("key", "add"): ("adds a key", "添加密钥"),
        ("key", "rotate"): ("changes its key", "更换密钥"),
        ("key", "revoke"): ("ends key {thumbprint}: {reason}", "撤销密钥 {thumbprint}：{reason}"),
        ("key", "compromise"): (
            "declares key {thumbprint} compromised from entry {invalid_since} on: {reason}",
            "声明密钥 {thumbprint} 自条目 {invalid_since} 起失密：{reason}",
        ),
        ("key", "propose-recovery"): (
            "proposes a new key for {subject} in place of a lost one: {reason}",
            "提议为 {subject} 恢复密钥：{reason}",
        ),
        ("key", "veto-recovery"): ("vetoes recovery {proposal}", "否决密钥恢复 {proposal}"),
        ("key", "complete-recovery"): (
            "completes the recovery of {subject}'s key",
            "完成 {subject} 的密钥恢复",
        ),
        ("reading", None): ("reads {quantity} {unit}, {from} to {to}", "读数 {quantity} {unit}，{from} 至 {to}"),
        ("close", None): (
            "closes {from} to {to}: {count} readings, the last is {last_seq}",
            "关闭 {from} 至 {to}：{count} 条读数，末号 {last_seq}",
        ),
        ("loss", None): (
            "declares readings {first_seq} to {last_seq} of {device} {stream} lost: {reason}",
            "声明 {device} {stream} 第 {first_seq} 至 {last_seq} 号读数缺失：{reason}",
        ),
        ("report", None): (
            "reports {totals.obligation_tonnes} t for {year} by {factor_set.id} {factor_set.version}",
            "报告 {year} 年度排放 {totals.obligation_tonnes} 吨，因子集 {factor_set.id} {factor_set.version}",
        ),
        ("policy", None): (
            "publishes {policy} {id} version {version}, effective from {effective_from}",
            "发布 {policy} {id} 第 {version} 版，自 {effective_from} 生效",
        ),
        ("plan", None): (
            "sets its monitoring plan, version {version}, from {effective_from}",
            "监测计划第 {version} 版，自 {effective_from} 生效",
        ),
        ("assignment", "appoint"): (
            "assigns {verifier} to verify {enterprise}'s {year}, {from} to {to}",
            "指派 {verifier} 核查 {enterprise} 的 {year} 年度，{from} 至 {to}",
        ),
        ("assignment", "open-draw"): (
            "opens a draw of {enterprise}'s verifier for {year}",
            "为 {enterprise} 的 {year} 年度抽选核查机构",
        ),
        ("assignment", "contribute"): ("adds its part to draw {draw}", "为抽选 {draw} 提交随机数"),
        ("assignment", "draw"): ("draws {verifier} in draw {draw}", "抽选 {draw} 抽中 {verifier}"),
        ("assignment", "end"): ("ends assignment {assignment}: {reason}", "终止指派 {assignment}：{reason}"),
        ("finding", None): ("states findings in report {report}", "对报告 {report} 提出核查发现"),
        ("verification", None): (
            "concludes on report {report}: {conclusion}",
            "对报告 {report} 作出核查结论：{conclusion}",
        ),
        ("objection", "object"): (
            "objects to verdict {verification}: {grounds}",
            "对核查结论 {verification} 提出异议：{grounds}",
        ),
        ("objection", "decide"): (
            "decides objection {objection} (upheld: {upheld}): {reason}",
            "裁定异议 {objection}（成立：{upheld}）：{reason}",
        ),
        ("registration", None): (
            "registers {tonnes} t for {enterprise} in {year}, revision {revision}",
            "登记 {enterprise} {year} 年度排放 {tonnes} 吨，第 {revision} 版",
        ),
        ("determination", None): (
            "determines {tonnes} t for {enterprise} in {year}, revision {revision}: {reason}",
            "核定 {enterprise} {year} 年度排放 {tonnes} 吨，第 {revision} 版：{reason}",
        ),
        ("device", "install"): ("installs {device} at {at}", "{at} 安装 {device}"),
        ("device", "replace"): ("replaces {device} by {by} at {at}", "{at} 以 {by} 更换 {device}"),
        ("device", "calibrate"): ("calibrates {device} at {at}", "{at} 校准 {device}"),
        ("device", "remove"): ("removes {device} at {at}", "{at} 拆除 {device}"),
        ("admission", "review"): (
            "reviews the application of {identifier} (recommended: {recommended}): {reason}",
            "审查 {identifier} 的申请（建议准入：{recommended}）：{reason}",
        ),
        ("admission", "approve"): ("approves review {review}", "批准审查 {review}"),
        ("admission", "accredit"): (
            "states {verifier}'s accreditation {number}, until {until}",
            "登记 {verifier} 的资质 {number}，有效期至 {until}",
        ),
        ("admission", "tie"): ("declares a tie of {a} and {b}: {reason}", "声明 {a} 与 {b} 存在关联：{reason}"),
        ("opening", None): ("carries in base years of {enterprise}: {reason}", "转入 {enterprise} 的基准年：{reason}"),
        ("label", None): (
            "states {enterprise}'s carbon efficiency code of {year}: level {level}, grade {grade}",
            "{enterprise} {year} 年度碳效码：{level} 级，{grade}",
        ),
        ("holding", "issue"): (
            "issues {tonnes} t of vintage {vintage} to {account}: {reason}",
            "向 {account} 发放 {vintage} 年度配额 {tonnes} 吨：{reason}",
        ),
        ("holding", "transfer"): (
            "moves {tonnes} t of {asset} from {sender} to {receiver} ({cause}): {reason}",
            "将 {asset} {tonnes} 吨自 {sender} 过户至 {receiver}（{cause}）：{reason}",
        ),
        ("holding", "cancel"): (
            "cancels {tonnes} t of {asset} of {account}: {reason}",
            "注销 {account} 的 {asset} {tonnes} 吨：{reason}",
        ),
        ("holding", "freeze"): (
            "freezes {tonnes} t of {asset} of {account}: {reason}",
            "冻结 {account} 的 {asset} {tonnes} 吨：{reason}",
        ),
        ("holding", "confirm-freeze"): ("confirms freeze {freeze}", "确认冻结 {freeze}"),
        ("holding", "lapse"): ("has freeze {freeze} lapse", "冻结 {freeze} 到期失效"),
        ("holding", "release"): (
            "releases {tonnes} t of freeze {freeze}: {reason}",
            "解冻 {freeze} {tonnes} 吨：{reason}",
        ),
        ("holding", "suspend"): (
            "suspends or resumes {account} (suspended: {suspended}): {reason}",
            "暂停或恢复账户 {account}（暂停：{suspended}）：{reason}",
        ),
        ("holding", "carry-in"): (
            "carries {tonnes} t of {asset} in for {account}: {reason}",
            "为 {account} 转入 {asset} {tonnes} 吨：{reason}",
        ),
        ("holding", "ccer"): (
            "enters {tonnes} t of CCER for {beneficiary}, serials {series} {first_serial} to {last_serial}",
            "为 {beneficiary} 登记 CCER {tonnes} 吨，编号 {series} {first_serial} 至 {last_serial}",
        ),
        ("holding", "collect"): (
            "collects what {account} owes back of vintage {vintage}",
            "收回 {account} 应退的 {vintage} 年度配额",
        ),
        ("compliance", "terms"): ("sets the terms of {year}: {reason}", "设定 {year} 年度履约参数：{reason}"),
        ("compliance", "price"): (
            "sets the price of a missing tonne of {year} to CNY {fen_per_tonne}",
            "设定 {year} 年度缺口每吨价格 {fen_per_tonne} 元",
        ),
        ("compliance", "assess"): ("assesses {enterprise}'s {year}", "评定 {enterprise} {year} 年度履约"),
        ("compliance", "credit"): (
            "credits what {enterprise} surrendered beyond {year}",
            "抵扣 {enterprise} {year} 年度多缴配额",
        ),
        ("compliance", "close"): ("closes {year} for accounts", "结清账户 {year} 年度"),
        ("intent", "surrender"): (
            "surrenders {tonnes} t of {asset} for {year}",
            "为 {year} 年度清缴 {asset} {tonnes} 吨",
        ),
        ("intent", "carry-over"): (
            "carries over {tonnes} t of vintage {vintage}",
            "结转 {vintage} 年度配额 {tonnes} 吨",
        ),
        ("intent", "cancel"): ("cancels {tonnes} t of {asset} of its own", "自愿注销 {asset} {tonnes} 吨"),
        ("intent", "return"): ("returns {tonnes} t of vintage {vintage}", "退还 {vintage} 年度配额 {tonnes} 吨"),
        ("allocation", None): (
            "allocates {tonnes} t of {year} ({round}) from {reserve}",
            "自 {reserve} 分配 {year} 年度配额 {tonnes} 吨（{round}）",
        ),
        ("score", "propose"): (
            "proposes a credit score for {enterprise}'s {year}: {grade}",
            "拟评 {enterprise} {year} 年度信用：{grade}",
        ),
        ("score", "comment"): ("comments on score {score}: {text}", "对信用评价 {score} 提出意见：{text}"),
        ("score", "publish"): ("publishes score {score}", "发布信用评价 {score}"),
        ("score", "withdraw"): ("withdraws score {score}: {reason}", "撤回信用评价 {score}：{reason}"),
        ("order", "place"): (
            "orders to {side} {tonnes} t of {asset} at CNY {price_fen} ({kind})",
            "申报 {asset} {tonnes} 吨，{side}，每吨 {price_fen} 元（{kind}）",
        ),
        ("order", "cancel"): ("cancels order {order}", "撤销申报 {order}"),
        ("order", "cancel-all"): ("cancels all its orders before epoch {epoch}", "撤销纪元 {epoch} 之前的全部申报"),
        ("order", "move"): (
            "moves {amount} (t, of cash fen) of {asset} to or from trading (inward: {inward})",
            "划转 {asset} {amount}（吨，资金为分；转入交易：{inward}）",
        ),
        ("order", "withdraw"): ("asks for CNY {fen} to its bank account", "申请出金 {fen} 元"),
        ("order", "commit"): ("makes a sealed bid in auction {auction}", "在竞价 {auction} 中提交密封报价"),
        ("market", "terms"): ("sets the market's terms, mode {mode}", "设定市场参数，模式 {mode}"),
        ("market", "reference"): (
            "sets the reference of {asset} to CNY {price_fen}: {reason}",
            "设定 {asset} 参考价 {price_fen} 元：{reason}",
        ),
        ("market", "open"): ("opens {asset}'s trading day {day}", "开市：{asset} {day}"),
        ("market", "halt"): ("halts {asset} on {day}: {reason}", "暂停 {asset} {day} 交易：{reason}"),
        ("market", "resume"): ("resumes {asset} on {day}", "恢复 {asset} {day} 交易"),
        ("market", "close"): (
            "closes {asset}'s day {day}: {volume} t, close CNY {close_fen}",
            "收市：{asset} {day}，成交 {volume} 吨，收盘价 {close_fen} 元",
        ),
        ("market", "auction"): (
            "announces an auction of {lot_tonnes} t of {asset} by {seller}, floor CNY {floor_fen}",
            "公告竞价：{seller} 出让 {asset} {lot_tonnes} 吨，底价 {floor_fen} 元",
        ),
        ("market", "clear"): (
            "clears auction {auction} at CNY {price_fen}, {unsold} t unsold",
            "竞价 {auction} 成交价 {price_fen} 元，流拍 {unsold} 吨",
        ),
        ("cash", "bind"): ("binds {account} to a bank account", "绑定 {account} 的银行账户"),
        ("cash", "deposit"): ("enters CNY {fen} that {account} paid in", "登记 {account} 入金 {fen} 元"),
        ("cash", "payout"): (
            "answers withdrawal {withdrawal} (paid: {paid})",
            "回复出金 {withdrawal}（已付：{paid}）",
        ),
        ("cash", "reconcile"): ("states the bank's balance of {day}: CNY {bank_fen}", "{day} 银行余额 {bank_fen} 元"),
    }
)
"""By type and action; None where the type has no actions."""


def sentence(type_: str, body: Mapping[str, Any]) -> Sentence:
    """What the body of a logged statement of that type says, in English and Chinese; at most 300 characters each."""
    action = body.get("action")
    found = SENTENCES.get((type_, action if isinstance(action, str) else None))
    if found is None:
        name = f"{type_} {action}" if isinstance(action, str) else type_
        return name, name
    english, chinese = (_FIELD.sub(lambda field: _shown(body, field[1]), text) for text in found)
    return _cut(english), _cut(chinese)


def _shown(body: Mapping[str, Any], path: str) -> str:
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes 是" if value else "no 否"
    if isinstance(value, int) and _FEN.fullmatch(path.rpartition(".")[2]):
        return f"{value // 100}.{value % 100:02d}"
    text = " ".join(str(value).split())
    return f"{text[:_HASH_SHOWN]}…" if _HASH.fullmatch(text) else text


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
