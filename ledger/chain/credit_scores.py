"""Bindings of ``CreditScores`` (docs/contracts.md)."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.chain.asset_intents import ProposeScoreIntent, PublishScoreIntent, WithdrawScoreIntent
from ledger.chain.contracts import CREDIT_SCORES, Contract
from ledger.chain.rpc import BlockTag, Rpc

ScoreIntent = ProposeScoreIntent | PublishScoreIntent | WithdrawScoreIntent
"""What the book of scores is told."""


@dataclass(frozen=True, slots=True)
class ScoreOnChain:
    """A published score. ``formula``, ``input_root``: 32 bytes; ``published_at``: Unix seconds of the block."""

    account: bytes
    year: int
    points_bps: int
    grade: int
    formula: bytes
    input_root: bytes
    revision: int
    published_at: int


class CreditScores(Contract):
    """Calls to the book of scores at one address."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, CREDIT_SCORES, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect."""
        return bool(self.view("opUsed", op_id)[0])

    def deployment_id(self) -> bytes:
        """The 32-byte id of its deployment."""
        return bytes(self.view("deploymentId")[0])

    def tell(self, op_id: bytes, intent: ScoreIntent) -> bytes:
        """Call data of what an intent asks for."""
        match intent:
            case ProposeScoreIntent():
                return self.data("propose", op_id, intent.as_tuple(), intent.comments_until, intent.entry)
            case PublishScoreIntent():
                return self.data("publish", op_id, intent.as_tuple(), intent.entry)
            case WithdrawScoreIntent():
                return self.data("withdraw", op_id, intent.account, intent.year, intent.entry)

    def score_of(self, account: bytes, year: int, *, block: BlockTag = "latest") -> ScoreOnChain | None:
        """The published score of the account and year, ``None`` where none stands."""
        (owner, of, points, grade, formula, root), revision, at = self.view("scoreOf", account, year, block=block)
        return ScoreOnChain(bytes(owner), of, points, grade, bytes(formula), bytes(root), revision, at) if at else None
