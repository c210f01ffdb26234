"""Verification's questions answered from the entries alone: what only the chain can say never refuses.

Acceptance judged balances, debts and contracts' clocks by what the service had read of the chain at that moment, and no
entry says what that was. Here each such answer is the one that suits the statement best, so that every other rule is
judged; the contract judges these, and its events are held against the laws of units, cash and caps. What follows from
entries alone is kept: what was surrendered, the cap of offsets, what was sold, who may sign (DOMAIN 3, 6, 23).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace as with_members
from sqlalchemy import bindparam, func, select

from attestation.bodies import Allocation, LapseFreeze, PlaceOrder, ProposeScore, SurrenderUnits
from attestation.bodies.scores import ScoreAsOf
from attestation.context import CitedReadings, RecoveryOnChain
from attestation.facts.assets import FreezeRecord, HoldingRecord, ObligationRecord, OwedRecord
from attestation.facts.market import CashRecord, TradeRecord, TradingRecord, WithdrawalRecord
from attestation.facts.quotas import AllocationFigure, ArithmeticFault, ScoreFigure
from attestation.judging.cases import counted_figures
from attestation.statements import Statement
from ledger.answers.quotas import score_figure
from ledger.chain.operations import Kind
from ledger.context import LedgerContext
from ledger.db.market_models import MarketOrderRow
from ledger.scores import to_statement
from quota import QuotaError
from quota.scoring import FORMULA, read_score_inputs

_MOST: Final = 2**62
"""More than any account holds of anything: amounts in entries are below 2^53."""
_EPOCH: Final = select(func.max(MarketOrderRow.epoch)).where(MarketOrderRow.account == bindparam("account"))
_UNKNOWN: Final = ("accuracy", "backing", "compliance", "efficiency")

Sums = Callable[[str, str, int, int], CitedReadings | None]
"""Gives a cited range (issuer, stream, first and last seq) summed, None where its seqs are not all readings."""

NOT_JUDGED: Final[Mapping[str, tuple[str, str]]] = {
    "asset.balance": ("what an account holds is the chain's word", "账户余额以链为准"),
    "order.units": ("what an account has to trade is the chain's word", "可交易数量以链为准"),
    "order.cash": ("cash in trading is the chain's word", "交易资金以链为准"),
    "cash.balance": ("free cash is the chain's word", "可用资金以链为准"),
    "cash.halted": ("the exchange holds a reconciliation against its own sum", "对账由交易合约与其总额比较"),
    "owed.none": ("what is owed back is the chain's word", "应退数量以链为准"),
    "owed.exceeded": ("what is owed back is the chain's word", "应退数量以链为准"),
    "owed.early": ("when it is due is the chain's word", "应退期限以链为准"),
    "allocation.owed": ("what is owed back is the chain's word", "应退数量以链为准"),
    "price.fixed": ("what was charged by a price is the chain's word", "已计收费用以链为准"),
    "assess.price": ("what is missing of an obligation is the chain's word", "清缴缺口以链为准"),
    "carry_over.open": ("what is missing of an obligation is the chain's word", "清缴缺口以链为准"),
    "freeze.late": ("when an emergency freeze lapses is the chain's word", "紧急冻结的失效时间以链为准"),
    "market.differs": ("how the exchange closed a day is the chain's word", "交易合约的收盘价以链为准"),
    "market.closing": ("when the exchange closed a day is the chain's word", "交易合约何时收市以链为准"),
    "withdrawal.unlocked": ("when the exchange locked the money is the chain's word", "资金锁定以链为准"),
    "reversal.unsettled": ("when a trade was settled is the chain's word", "成交交割以链为准"),
    "recovery.not_on_chain": ("what the registry holds is the chain's word", "注册合约中的恢复以链为准"),
    "recovery.early": (
        "the delay is the deployment's, and the registry keeps its own",
        "等待期由部署设定，合约另行计时",
    ),
    "score.outdated": ("which block was the last is in no entry", "条目不含当时的最新区块"),
}
"""Rules that are not judged again, each with the reason in English and Chinese. A part of ``surrender.late``,
``surrender.exceeds``, ``assess.early``, ``credit.none``, ``freeze.early``, ``order.epoch``, ``order.accepts`` and
``score.as_of`` is the chain's, too: they are judged as far as entries go."""


class UnreadChain(LedgerContext):
    """The store of a replay as one statement meets it (``LedgerContext``), as if the chain said what suits it."""

    _statement: Statement
    _sums_of: Sums
    _owed: Mapping[str, int] = {}

    def about(self, statement: Statement, sums: Sums) -> None:
        """Name the statement that is judged, and who sums what reports cite."""
        self._statement, self._sums_of = statement, sums

    def cited(self, issuer: str, stream: str, first_seq: int, last_seq: int, /) -> CitedReadings | None:
        """See ``Context``. Which seqs were there is the replay's word, their sum the audit's own."""
        head = self._heads.get(issuer, stream)
        if head is None or not 0 < first_seq <= last_seq <= head.last_seq:
            return None
        if not self.gaps.whole(head.id, first_seq, last_seq):
            return None
        return self._sums_of(issuer, stream, first_seq, last_seq)

    # --- identities ---

    @property
    def recovery_delay(self) -> int:
        """See ``Context``: a setting, which neither an entry nor a trust file tells."""
        return 0

    def recovery_on_chain(self, _thumbprint_b64: str, /) -> RecoveryOnChain | None:
        """See ``Context``."""
        return RecoveryOnChain(0, withdrawn=False)

    # --- units ---

    def holding(self, _account: str, _asset: int, /) -> HoldingRecord:
        """See ``AssetFacts``."""
        return HoldingRecord(registry=_MOST)

    def obligation_position(self, enterprise: str, year: int, /) -> ObligationRecord:
        """See ``AssetFacts``. Surrenders are those that entries asked for; nothing of the scratch store is on chain, so
        that all of them count as on their way."""
        found = super().obligation_position(enterprise, year)
        if isinstance(self._statement.content, SurrenderUnits):
            # An excess that went to the next year is due again here; how much that was, the contract computed.
            return with_members(found, credit_out=0 if self.credited(enterprise, year) is None else _MOST)
        figures = counted_figures(enterprise, year, self)
        return with_members(found, credit_in=_MOST, revision=figures[-1].revision if figures else 0)

    def price_charged(self, _year: int, /) -> bool:
        """See ``AssetFacts``."""
        return False

    def owed(self, account: str, /) -> OwedRecord:
        """See ``AssetFacts``. An allocation deducts what its document says."""
        if isinstance(self._statement.content, Allocation):
            return OwedRecord(self._owed.get(account, 0))
        return OwedRecord(_MOST)

    def freeze(self, op_id: bytes, /) -> FreezeRecord | None:
        """See ``AssetFacts``. A freeze lapses at the earliest when its day is over since it was accepted."""
        found = super().freeze(op_id)
        if found is None or not found.emergency:
            return found
        lapses = isinstance(self._statement.content, LapseFreeze)
        return with_members(found, lapses_at=found.lapses_at - self.skew if lapses else _MOST)

    def recompute_allocation(self, round_: str, document: Mapping[str, Any], /) -> AllocationFigure | ArithmeticFault:
        """See ``QuotaFacts``."""
        figure = super().recompute_allocation(round_, document)
        if isinstance(figure, AllocationFigure):
            self._owed = figure.owed
        return figure

    def recompute_score(self, enterprise: str, year: int, as_of: ScoreAsOf | None, /) -> ScoreFigure | None:
        """See ``QuotaFacts``. What its own inputs give; the inputs are held against the ledger's facts when the chain's
        are there (``ledger.audit.scoring``)."""
        body = self._statement.content
        if not isinstance(body, ProposeScore) or (as_of is not None and as_of.size > self.next_index):
            return None
        try:
            inputs = read_score_inputs(_as_computed({**body.inputs, "identifier": enterprise, "year": year}))
        except QuotaError as refused:
            return ScoreFigure(FORMULA, {}, f"{refused.rule}: {refused.value}", None, "unrated")
        return score_figure(inputs, to_statement(inputs))

    # --- market ---

    @property
    def cash_halted(self) -> bool:
        """See ``MarketFacts``."""
        return False

    def closed_otherwise(self, _asset: int, /) -> int | None:
        """See ``MarketFacts``."""
        return None

    def closing_day(self, _asset: int, /) -> int | None:
        """See ``MarketFacts``."""
        return None

    def trading(self, _account: str, _asset: int, /) -> TradingRecord:
        """See ``MarketFacts``."""
        return TradingRecord(trading=_MOST)

    def cash(self, _account: str, /) -> CashRecord:
        """See ``MarketFacts``."""
        return CashRecord(free=_MOST, trading=_MOST)

    def epoch(self, account: str, /) -> int:
        """See ``MarketFacts``. A holder raises it on the exchange too: what its orders named since, it was at least."""
        said = self.market_operations.latest(Kind.CANCEL_ALL, account=account)
        body = self._statement.content
        placed = self.session.scalar(_EPOCH, {"account": account})
        own = body.epoch if isinstance(body, PlaceOrder) and account == self._statement.iss else 0
        return max(0 if said is None else said.epoch or 0, placed or 0, own)

    def withdrawal(self, op_id: bytes, /) -> WithdrawalRecord | None:
        """See ``MarketFacts``."""
        found = super().withdrawal(op_id)
        return with_members(found, state="pending") if found is not None and found.state == "asked" else found

    def trade(self, op_id: bytes, /) -> TradeRecord | None:
        """See ``MarketFacts``."""
        found = super().trade(op_id)
        return None if found is None else with_members(found, settled=True)


def _as_computed(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A score's inputs with what is not known as null: payloads leave it out."""
    document: dict[str, Any] = {**dict.fromkeys(_UNKNOWN), **inputs}
    deadlines, efficiency = document.get("deadlines"), document["efficiency"]
    if isinstance(deadlines, list):
        document["deadlines"] = [{"late_days": None, **one} if isinstance(one, dict) else one for one in deadlines]
    if isinstance(efficiency, dict):
        document["efficiency"] = {"previous_k_e4": None, **efficiency}
    return document
