"""Bindings of ``CarbonLedger`` (docs/contracts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.chain.asset_intents import AllocatePartIntent, CollectIntent, LapseFreezeIntent, SignedIntent
from ledger.chain.contracts import CARBON_LEDGER, Contract, signature_words
from ledger.chain.operations import Kind
from ledger.chain.rpc import BlockTag, Rpc

_APPROVED: Mapping[Kind, str] = {
    Kind.ISSUE: "issue",
    Kind.APPROVE_RUN: "approveRun",
    Kind.TRANSFER: "transfer",
    Kind.CANCEL_ORDER: "cancelByOrder",
    Kind.FREEZE: "freeze",
    Kind.RELEASE: "release",
    Kind.SUSPEND: "suspend",
    Kind.CARRY_IN: "carryIn",
    Kind.CCER: "enterOffset",
}
"""Two persons' messages, and the call that takes each."""
_HELD: Mapping[Kind, str] = {Kind.CANCEL_UNITS: "cancel", Kind.RETURN: "returnOwed"}
"""Holders' messages."""

LedgerIntent = SignedIntent | AllocatePartIntent | CollectIntent | LapseFreezeIntent
"""What the ledger of units is told."""


@dataclass(frozen=True, slots=True)
class FreezeOnChain:
    """A freeze as ``freezeOf`` gives it; ``tonnes`` are left, ``lapses_at`` 0: approved."""

    account: bytes
    asset: int
    tonnes: int
    lapses_at: int


@dataclass(frozen=True, slots=True)
class RunOnChain:
    """A run as ``runOf`` gives it."""

    reserve: bytes
    vintage: int
    tonnes: int
    granted: int
    return_due: int
    parts_done: int
    parts: int


class CarbonLedger(Contract):
    """Calls to the ledger of units at one address. Accounts have 32 bytes, amounts are whole tonnes."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, CARBON_LEDGER, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect."""
        return bool(self.view("opUsed", op_id)[0])

    def deployment_id(self) -> bytes:
        """The 32-byte deployment id that the contract signs under."""
        return bytes(self.view("deploymentId")[0])

    def tell(self, op_id: bytes, intent: LedgerIntent) -> bytes:
        """Call data of what an intent asks for."""
        match intent:
            case SignedIntent():
                return self._signed(op_id, intent)
            case AllocatePartIntent():
                items = [item.as_tuple() for item in intent.items]
                return self.data("allocate", op_id, intent.run, intent.parts, intent.part, items, intent.entry)
            case CollectIntent():
                return self.data("collectOwed", op_id, intent.account, intent.vintage, intent.entry)
            case LapseFreezeIntent():
                return self.data("lapseFreeze", op_id, intent.freeze, intent.entry)

    def _signed(self, op_id: bytes, intent: SignedIntent) -> bytes:
        message, words = intent.message.as_tuple(), [signature_words(each) for each in intent.signatures]
        match intent.kind:
            case Kind.FREEZE_AT_ONCE:
                return self.data("freezeAtOnce", message, intent.entry)
            case Kind.CONFIRM_FREEZE:
                return self.data("confirmFreeze", op_id, message, words, intent.entry)
            case kind if kind in _HELD:
                return self.data(_HELD[kind], message, words[0], intent.entry)
            case kind:
                return self.data(_APPROVED[kind], message, words, intent.entry)

    def balance_of(self, account: bytes, asset: int, *, block: BlockTag = "latest") -> tuple[int, int]:
        """What the account holds of an asset: free and frozen. What the market keeps for it is the market's to say."""
        registry, frozen = self.view("balanceOf", account, asset, block=block)
        return registry, frozen

    def supply_of(self, asset: int, *, block: BlockTag = "latest") -> tuple[int, int, int]:
        """What was issued of an asset, surrendered and cancelled."""
        issued, surrendered, cancelled = self.view("supplyOf", asset, block=block)
        return issued, surrendered, cancelled

    def owed_of(self, account: bytes, *, block: BlockTag = "latest") -> tuple[int, int, bytes]:
        """What the account owes back, until when, to whom."""
        tonnes, due_at, reserve = self.view("owedOf", account, block=block)
        return tonnes, due_at, bytes(reserve)

    def freeze_of(self, freeze: bytes, *, block: BlockTag = "latest") -> FreezeOnChain | None:
        """A freeze by its id, ``None`` if there is none."""
        account, asset, tonnes, lapses_at = self.view("freezeOf", freeze, block=block)
        return FreezeOnChain(bytes(account), asset, tonnes, lapses_at) if any(account) else None

    def suspended_at(self, account: bytes, *, block: BlockTag = "latest") -> int:
        """Since when nothing leaves the account (Unix seconds), 0 where it may."""
        return int(self.view("suspendedAt", account, block=block)[0])

    def run_of(self, run: bytes, *, block: BlockTag = "latest") -> RunOnChain | None:
        """An approved run, ``None`` if there is none."""
        reserve, *rest = self.view("runOf", run, block=block)
        return RunOnChain(bytes(reserve), *rest) if any(reserve) else None
