"""Members of statements that two persons approve, by the names that people call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "op_id": ("operation", "操作号"),
        "account": ("account", "账户"),
        "sender": ("from", "转出账户"),
        "receiver": ("to", "转入账户"),
        "beneficiary": ("beneficiary", "受益人"),
        "asset": ("asset", "资产"),
        "vintage": ("vintage", "配额年份"),
        "tonnes": ("tonnes", "吨数"),
        "cause": ("cause", "事由"),
        "freeze": ("operation of the freeze", "冻结操作号"),
        "reverses": ("undoes the trade of operation", "冲回成交（操作号）"),
        "suspended": ("suspended", "暂停"),
        "document_hash": ("hash of the document", "依据文件哈希"),
        "reason": ("reason", "理由"),
        "project": ("project", "项目"),
        "methodology": ("methodology", "方法学"),
        "monitoring": ("monitoring period", "监测期"),
        "project_start": ("start of the project", "项目开工"),
        "claimed": ("claimed", "申请减排量"),
        "registered": ("registered", "登记"),
        "cancelled": ("cancelled", "注销"),
        "series": ("series", "编号系列"),
        "first_serial": ("first serial", "起始编号"),
        "last_serial": ("last serial", "截止编号"),
        "cancellation": ("cancellation", "注销证明"),
        "year": ("year", "年度"),
        "offset_cap_bps": ("CCER, of the obligation, up to", "CCER 占应清缴量上限"),
        "surrender_deadline": ("surrender before", "清缴须早于"),
        "carry_over_until": ("carry over before", "结转须早于"),
        "closes_at": ("closes at", "关闭时间"),
        "carry_base_bps": ("carry-over, of the obligation", "结转基数（占应清缴量）"),
        "carry_multiple_bps": ("carry-over, of net sales", "结转倍数（净售出）"),
        "charge_multiple_bps": ("charge, of the price", "违约金（价格倍数）"),
        "amendment_seconds": ("an amendment's difference is due in", "修正差额补缴期限"),
        "earlier_vintages": ("earlier vintages serve", "接受更早年份"),
        "fen_per_tonne": ("price", "价格"),
        "round": ("round", "轮次"),
        "reserve": ("out of the account", "划出账户"),
        "input_root": ("hash of rules and inputs", "规则与输入哈希"),
        "return_due": ("what is owed comes back before", "退还期限"),
        "mode": ("mode", "市场模式"),
        "band_bps": ("band of listed trades", "挂牌涨跌幅"),
        "block_band_bps": ("band of block trades", "大宗涨跌幅"),
        "block_threshold": ("block trades from, tonnes", "大宗起点（吨）"),
        "lock_days": ("bought units locked for, trading days", "买入锁定交易日数"),
        "fee_bps": ("fee of each side", "各方手续费"),
        "fee_account": ("fees go to", "手续费账户"),
        "minimum_volume": ("close from, tonnes", "收盘价最低成交量（吨）"),
        "minimum_groups": ("close from, groups", "收盘价最少集团数"),
        "maximum_holders": ("at most, holders", "持有人上限"),
        "release_delay_s": ("out without the market after", "自行取出等待"),
        "hours": ("hours", "交易时间"),
        "listed": ("listed", "挂牌"),
        "block": ("block", "大宗"),
        "price_fen": ("price", "价格"),
        "day": ("trading day", "交易日"),
        "bank_account": ("hash of the bank account", "银行账户哈希"),
        "fen": ("amount", "金额"),
        "bank_reference": ("the bank's reference", "银行流水号"),
        "withdrawal": ("operation of the withdrawal", "提款操作号"),
        "paid": ("paid", "已付"),
    }
)
"""By member: English, Chinese."""

VALUES_ZH: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "mode": {"agreement": "协议", "licensed": "持牌"},
        "round": {"pre": "预分配", "final": "最终分配"},
        "cause": {
            "succession": "承继",
            "enforcement": "司法执行",
            "correction": "更正",
            "reserve-grant": "储备发放",
        },
    }
)
"""Words that a statement chooses from, by member."""
