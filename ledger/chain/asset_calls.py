"""From what the log says of units, obligations and scores to the call that tells their contracts."""

from __future__ import annotations

from attestation.asset_messages import Checker
from ledger.chain.answer import Answer, Call, Wait
from ledger.chain.asset_intents import (
    AllocatePartIntent,
    AssessIntent,
    AssetIntent,
    CloseIntent,
    CreditIntent,
    ProposeScoreIntent,
    PublishScoreIntent,
    SignedIntent,
    WithdrawScoreIntent,
)
from ledger.chain.carbon_ledger import CarbonLedger
from ledger.chain.compliance import Compliance
from ledger.chain.contracts import CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES, Deployment
from ledger.chain.credit_scores import CreditScores
from ledger.chain.operations import MARKET_KINDS
from ledger.chain.rpc import Rpc

_GAS = 600_000
_GAS_PER_ACCOUNT = 150_000
"""A row of a run writes a balance, a mark and perhaps a debt; an account of a close ends two balances."""


class AssetCalls:
    """Builds calls for one round: each intent is one contract's.

    Parameters
    ----------
    rpc, deployment
        Where the contracts are, if the deployment has them.
    """

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        addresses = deployment.addresses
        self._there = CARBON_LEDGER in addresses
        if self._there:
            self._ledger = CarbonLedger(rpc, addresses[CARBON_LEDGER])
            self._compliance = Compliance(rpc, addresses[COMPLIANCE])
            self._scores = CreditScores(rpc, addresses[CREDIT_SCORES])

    def build(self, op_id: bytes, intent: AssetIntent) -> Answer:
        """The call for an intent, or why there is none now."""
        if not self._there:
            return Wait("this deployment has no ledger of units")
        if intent.kind in MARKET_KINDS:
            return Wait("this deployment has no exchange")
        contract = self._contract(intent)
        if contract.op_used(op_id):
            return Wait("")
        return Call(contract.address, self._data(op_id, intent), _gas(intent))

    def _contract(self, intent: AssetIntent) -> CarbonLedger | Compliance | CreditScores:
        match intent:
            case SignedIntent(message=message):
                return self._compliance if message.CHECKER is Checker.COMPLIANCE else self._ledger
            case AssessIntent() | CreditIntent() | CloseIntent():
                return self._compliance
            case ProposeScoreIntent() | PublishScoreIntent() | WithdrawScoreIntent():
                return self._scores
            case _:
                return self._ledger

    def _data(self, op_id: bytes, intent: AssetIntent) -> bytes:
        match intent:
            case SignedIntent(message=message) if message.CHECKER is Checker.COMPLIANCE:
                return self._compliance.tell(op_id, intent)
            case AssessIntent() | CreditIntent() | CloseIntent():
                return self._compliance.tell(op_id, intent)
            case ProposeScoreIntent() | PublishScoreIntent() | WithdrawScoreIntent():
                return self._scores.tell(op_id, intent)
            case _:
                return self._ledger.tell(op_id, intent)


def _gas(intent: AssetIntent) -> int:
    match intent:
        case AllocatePartIntent(items=rows):
            return _GAS + _GAS_PER_ACCOUNT * len(rows)
        case CloseIntent(accounts=rows):
            return _GAS + _GAS_PER_ACCOUNT * len(rows)
        case _:
            return _GAS
