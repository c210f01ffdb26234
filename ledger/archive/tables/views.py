"""The tables: which columns, from which rows of the scratch store, in which order (DOMAIN 1 to 7, 12 to 22, 49).

Names are for ever: programs of others read them. A column is added at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.archive.tables.columns import Column, Form, View

_C, _T, _H, _A = Form.COUNT, Form.TEXT, Form.HASH, Form.ACCOUNT


_ENTRY: Final = Column("entry", _C, "条目", "index of the log's entry that asked for it")
_BLOCK: Final = Column("block", _C, "区块", "number of the block")
_LOG: Final = Column("log", _C, "日志序号", "place of the event in its block")
_PART: Final = Column("part", _C, "分项", "an event that changes two accounts has two rows")
_TX: Final = Column("tx", _H, "交易哈希", "hash of the transaction")
_OP: Final = Column("op_id", _H, "操作编号", "the operation, as entries and contracts call it")
_ACCOUNT: Final = Column("account", _A, "账户", "identifier of the holder; 0x… for an account that has none")
_OTHER: Final = Column("counterparty", _A, "对方账户", "the other account")
_ASSET: Final = Column("asset", Form.ASSET, "资产", "quota-<vintage>, ccer or cash")
_YEAR: Final = Column("year", _C, "年度", "compliance year")
_ENTERPRISE: Final = Column("enterprise", _A, "企业", "identifier of the enterprise")
_DAY: Final = Column("day", Form.DAY, "交易日", "trading day, Asia/Shanghai")
_ACCEPTED: Final = Column("accepted_at", Form.TIME, "受理时间", "when the log took it")


def _c(name: str, zh: str, meaning: str, form: Form = _C) -> Column:
    return Column(name, form, zh, meaning)


STATEMENTS: Final = View(
    "statements",
    "声明",
    "every entry of the log, flat",
    (
        _c("index", "序号", "place in the log, from 0"),
        _ACCEPTED,
        _c("type", "类型", "type of the statement", _T),
        _c("action", "动作", "what of that type it does", _T),
        _c("issuer", "签署者", "who signed", _T),
        _c("key", "密钥", "RFC 7638 thumbprint of the key", _T),
        _c("stream", "数据流", "the signer's sequence", _T),
        _c("seq", "流内序号", "number in that sequence, from 1"),
        _c("issued_at", "签署时间", "what the signer claims", Form.TIME),
        _c("about", "对象", "whom it is about, where it names one", _T),
        _c("year", "年度", "compliance year, where it names one"),
        _c("from", "起", "beginning of its period, as it was signed", _T),
        _c("to", "止", "end of its period, as it was signed", _T),
        _c("quantity", "数量", "of a reading", Form.QUANTITY),
        _c("unit", "单位", "of a reading", _T),
        _c("statement_id", "声明编号", "SHA-256 of what was signed", _H),
    ),
    chain=False,
)
_ACCOUNTS: Final = View(
    "accounts",
    "账户",
    "who can hold units, and the cash of each at the last block",
    (
        _c("identifier", "标识", "whose account it is", _T),
        _c("kind", "种类", "park or enterprise", _T),
        _c("parent", "上级", "what it belongs to", _T),
        _c("group", "集团", "related enterprises have the same", _T),
        _c("account_id", "链上账户", "keccak-256 of the identifier", _H),
        _c("cash_free_fen", "可用资金(分)", "cash that it may spend or take out"),
        _c("cash_trading_fen", "交易资金(分)", "cash at the market"),
        _c("cash_withdrawing_fen", "在途出金(分)", "cash on its way to the bank"),
        _c("enrolled", "开户条目", "entry that introduced it"),
    ),
    "SELECT i.identifier, i.kind, i.parent, i.group_name, c.account_id, coalesce(m.free, 0), coalesce(m.trading, 0),"
    " coalesce(m.withdrawing, 0), i.enrolled_index FROM identifiers i"
    " LEFT JOIN chain_identifiers c ON c.identifier = i.identifier"
    " LEFT JOIN (SELECT account, sum(free) AS free, sum(trading) AS trading, sum(withdrawing) AS withdrawing"
    " FROM chain_cash GROUP BY account) m ON m.account = c.account_id"
    " WHERE i.kind IN ('park', 'enterprise') ORDER BY i.identifier",
)
_BALANCES: Final = View(
    "balances",
    "余额",
    "units by account and asset at the last block, in tonnes",
    (
        _ACCOUNT,
        _ASSET,
        _c("registry", "登记余额", "in the registry, free"),
        _c("trading", "交易余额", "at the market"),
        _c("frozen", "冻结", "frozen"),
        _c("issued", "累计发放", "issued to it in all"),
        _c("surrendered", "累计清缴", "surrendered by it in all"),
        _c("cancelled", "累计注销", "cancelled by it in all"),
    ),
    "SELECT m.account, m.asset, sum(m.registry), sum(m.trading), sum(m.frozen), sum(m.issued),"
    " sum(m.surrendered), sum(m.cancelled) FROM chain_movements m GROUP BY m.account, m.asset"
    " ORDER BY m.account, m.asset",
)
_MOVEMENTS: Final = View(
    "movements",
    "单位变动",
    "each change of units, in tonnes; less is negative",
    (
        *(_BLOCK, _LOG, _PART, _c("event", "事件", "what happened", _T), _ACCOUNT, _ASSET),
        _c("registry", "登记余额变动", "change in the registry"),
        _c("trading", "交易余额变动", "change at the market"),
        _c("frozen", "冻结变动", "change of what is frozen"),
        _c("issued", "发放", "issued"),
        _c("surrendered", "清缴", "surrendered"),
        _c("cancelled", "注销", "cancelled"),
        *(_OTHER, _c("freeze", "冻结编号", "operation that froze", _H), _OP, _ENTRY, _TX),
    ),
    "SELECT m.block_number, m.log_index, m.part, m.kind, m.account, m.asset, m.registry, m.trading,"
    " m.frozen, m.issued, m.surrendered, m.cancelled, m.counterparty, m.freeze, m.op_id, m.entry_index,"
    " m.tx_hash FROM chain_movements m ORDER BY m.block_number, m.log_index, m.part",
)
_CASH: Final = View(
    "cash",
    "资金变动",
    "each change of cash, in fen; less is negative",
    (
        *(_BLOCK, _LOG, _PART, _c("event", "事件", "what happened", _T), _ACCOUNT),
        _c("free_fen", "可用变动(分)", "change of what it may spend"),
        _c("trading_fen", "交易变动(分)", "change at the market"),
        _c("withdrawing_fen", "在途变动(分)", "change of what is on its way to the bank"),
        *(_OTHER, _OP, _ENTRY, _TX),
    ),
    "SELECT m.block_number, m.log_index, m.part, m.kind, m.account, m.free, m.trading, m.withdrawing,"
    " m.counterparty, m.op_id, m.entry_index, m.tx_hash FROM chain_cash m"
    " ORDER BY m.block_number, m.log_index, m.part",
)
_TRADES: Final = View(
    "trades",
    "成交",
    "trades that the contract settled",
    (
        *(_BLOCK, _LOG, _ASSET, _DAY),
        _c("buyer", "买方", "who paid", _A),
        _c("seller", "卖方", "who delivered", _A),
        _c("tonnes", "数量(吨)", "tonnes"),
        _c("price_fen", "价格(分/吨)", "fen a tonne"),
        _c("value_fen", "金额(分)", "tonnes times price"),
        _c("buyer_fee_fen", "买方手续费(分)", "paid besides"),
        _c("seller_fee_fen", "卖方手续费(分)", "kept from the proceeds"),
        _c("counted", "计入收盘", "counts for the day's close", Form.FLAG),
        _c("buy_order", "买单", "hash of the buy", _H),
        _c("sell_order", "卖单", "hash of the sale", _H),
        *(_OP, _TX),
    ),
    "SELECT m.block_number, m.log_index, m.asset, m.day, m.buyer, m.seller, m.tonnes,"
    " m.price_fen, m.tonnes * m.price_fen, m.buyer_fee_fen, m.seller_fee_fen, m.counted, m.buy_hash, m.sell_hash,"
    " m.op_id, m.tx_hash FROM chain_trades m ORDER BY m.block_number, m.log_index",
)
OBLIGATIONS: Final = View(
    "obligations",
    "履约",
    "where each account's year stands at the last block, in tonnes",
    (
        *(_ACCOUNT, _YEAR),
        _c("emissions", "核定排放", "registered figure"),
        _c("revision", "版本", "of the figure; 0 for none"),
        _c("registered_at", "登记时间", "of the figure", Form.TIME),
        _c("offset_cap", "抵销上限", "most that offsets may count (DOMAIN 3)"),
        _c("quota", "已清缴配额", "quota surrendered"),
        _c("offsets_used", "已用CCER", "offsets surrendered"),
        _c("offsets_counted", "计入CCER", "offsets that count"),
        _c("credit_in", "转入抵扣", "credit of the year before"),
        _c("credit_out", "转出抵扣", "credit for the next year"),
        _c("due", "应清缴余额", "still due"),
        _c("excess", "超额", "surrendered beyond it, no credit yet"),
        _c("missed", "缺口", "found missing at the deadline"),
        _c("charge_fen", "缺口费用(分)", "charged for it (DOMAIN 7)"),
        _c("carried", "结转", "units of this vintage carried over (DOMAIN 6)"),
        _c("deadline", "期限", "last instant to surrender", Form.TIME),
        _c("assessed", "已评定", "whether the shortfall was found", Form.FLAG),
    ),
)
_SCORES: Final = View(
    "scores",
    "信用评价",
    "credit scores and what became of them (DOMAIN 49)",
    (
        *(_ENTERPRISE, _YEAR, _c("points_bps", "得分(基点)", "of 10,000; empty: unrated"), _c("grade", "等级", "", _T)),
        _c("proposed", "提出条目", "entry that proposed it"),
        _c("proposed_at", "提出时间", "", Form.TIME),
        _c("comments_until", "意见截止", "", Form.TIME),
        _c("comments", "意见数", "what the enterprise said to it"),
        _c("replaced", "替代条目", "entry that proposed another in its place"),
        _c("published", "发布条目", "entry that published it"),
        _c("withdrawn", "撤回条目", "entry that withdrew it"),
        _c("size", "依据条目数", "entries whose facts it states"),
        _c("input_root", "输入根", "root over those facts", _H),
    ),
    "SELECT m.enterprise, m.year, m.points_bps, m.grade, m.entry_index, m.proposed_at, m.comments_until,"
    " (SELECT count(*) FROM score_comments c WHERE c.score_index = m.entry_index), m.replaced_index,"
    " m.published_index, m.withdrawn_index, m.size, m.input_root FROM scores m ORDER BY m.entry_index",
    chain=False,
)
_FIGURES: Final = View(
    "figures",
    "登记排放量",
    "every version of every registered figure; the highest revision counts (DOMAIN 2, 10)",
    (
        *(_ENTERPRISE, _YEAR, _c("revision", "版本", "from 1"), _c("tonnes", "排放量(吨)", "tCO2e")),
        _c("determined", "行政核定", "not verified but determined", Form.FLAG),
        _c("verifier", "核查机构", "who verified it", _A),
        _c("registered_at", "登记时间", "time of the block", Form.TIME),
        _c("statement", "声明叶哈希", "leaf hash of verdict or determination", _H),
        _c("report", "报告叶哈希", "leaf hash of the report", _H),
        _c("document", "文件哈希", "of a determination", _H),
        *(_BLOCK, _OP, _TX),
    ),
    "SELECT m.enterprise, m.year, m.revision, m.tonnes, m.determined, m.verifier,"
    " m.registered_at, m.statement_leaf, m.report_leaf, m.document_hash, m.block_number, m.op_id, m.tx_hash"
    " FROM chain_emissions m ORDER BY m.enterprise, m.year, m.revision",
)
_ORDERS: Final = View(
    "orders",
    "委托",
    "every order, from the entry that brought it to what ended it",
    (
        *(_c("entry", "条目", "entry that brought it: its arrival"), _ACCEPTED, _ACCOUNT, _ASSET, _DAY),
        _c("side", "方向", "", Form.SIDE),
        _c("kind", "方式", "listed 挂牌, block 大宗, bilateral 双边, auction 单向竞价", Form.KIND),
        _c("tonnes", "数量(吨)", ""),
        _c("price_fen", "价格(分/吨)", "limit"),
        _c("remaining", "未成交(吨)", "what no fill took"),
        _OTHER,
        _c("deadline", "有效期", "", Form.TIME),
        _c("status", "状态", "open, filled, cancelled or ended", _T),
        _c("reason", "原因", "of its end", _T),
        _c("ended", "结束条目", "entry that ended it"),
        _c("ended_at", "结束时间", "", Form.TIME),
        _c("auction", "竞价编号", "operation of its auction", _H),
        _c("order_hash", "委托哈希", "as the contract knows it", _H),
    ),
    "SELECT m.entry_index, m.accepted_at, m.account, m.asset, m.day, m.side, m.kind, m.tonnes, m.price_fen,"
    " m.remaining, m.counterparty, m.deadline, m.status, m.reason, m.ended_index, m.ended_at, m.auction, m.order_hash"
    " FROM market_orders m ORDER BY m.entry_index",
    chain=False,
)
_FILLS: Final = View(
    "fills",
    "撮合",
    "what was matched, whether or not it is settled yet",
    (
        *(_ASSET, _DAY, _c("number", "序号", "in its session, from 0"), _c("cause", "条目", "entry that made it")),
        _c("made_at", "时间", "", Form.TIME),
        *(_c("buyer", "买方", "", _A), _c("seller", "卖方", "", _A)),
        *(_c("tonnes", "数量(吨)", ""), _c("price_fen", "价格(分/吨)", ""), _c("value_fen", "金额(分)", "")),
        *(_c("buyer_fee_fen", "买方手续费(分)", ""), _c("seller_fee_fen", "卖方手续费(分)", "")),
        _c("kind", "方式", "as of orders", Form.KIND),
        _c("counted", "计入收盘", "counts for the day's close", Form.FLAG),
        *(_c("buy_order", "买单", "hash of the buy", _H), _c("sell_order", "卖单", "hash of the sale", _H), _OP),
    ),
    "SELECT m.asset, m.day, m.number, m.cause, m.made_at, m.buyer, m.seller, m.tonnes, m.price_fen, m.value_fen,"
    " m.buyer_fee_fen, m.seller_fee_fen, m.kind, m.counted, m.buy, m.sell, m.op_id FROM market_fills m"
    " ORDER BY m.asset, m.day, m.number",
    chain=False,
)
_CLOSES: Final = View(
    "closes",
    "收盘",
    "trading days by asset, with terms and close (DOMAIN 12 to 15)",
    (
        *(_ASSET, _DAY, _c("status", "状态", "", _T), _c("mode", "模式", "", Form.MODE)),
        _c("reference_fen", "参考价(分/吨)", "previous close"),
        _c("band_bps", "涨跌幅(基点)", "of listed orders"),
        _c("block_band_bps", "大宗涨跌幅(基点)", ""),
        _c("fee_bps", "费率(基点)", ""),
        _c("lock_days", "锁定交易日", ""),
        _c("fills", "成交笔数", ""),
        _c("volume", "成交量(吨)", "listed trades; empty before the close"),
        _c("value_fen", "成交额(分)", ""),
        _c("close_fen", "收盘价(分/吨)", "volume-weighted, or the reference"),
        _c("groups", "参与集团", "groups that traded"),
        *(_c("opened_at", "开市时间", "", Form.TIME), _c("closed_at", "收市时间", "", Form.TIME)),
        *(_c("first_entry", "首条目", "of the session"), _c("last_entry", "末条目", "of the session")),
        *(_c("book_hash", "订单簿哈希", "", _H), _c("root", "场次根", "", _H)),
    ),
    "SELECT m.asset, m.day, m.status, m.mode, m.reference_fen, m.band_bps, m.block_band_bps, m.fee_bps, m.lock_days,"
    " m.fills, m.volume, m.value_fen, m.close_fen, m.group_count, m.opened_at, m.closed_at, m.first_index,"
    " m.last_index, m.book_hash, m.root FROM market_days m ORDER BY m.asset, m.day",
    chain=False,
)
VIEWS: Final[tuple[View, ...]] = (
    STATEMENTS,
    *(_ACCOUNTS, _BALANCES, _MOVEMENTS, _CASH, _TRADES, OBLIGATIONS),
    *(_SCORES, _FIGURES, _ORDERS, _FILLS, _CLOSES),
)
"""In the order in which an archive has them."""


def views_of(*, chain: bool) -> Iterator[View]:
    """The tables that there are with the chain's part, or without."""
    yield from (view for view in VIEWS if chain or not view.chain)
