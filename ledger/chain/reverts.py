"""What a contract's refusal of a trial call means for an intent: there already, too early, not now, or never."""

from __future__ import annotations

from ledger.chain.answer import Answer, Call, Impossible, Wait
from ledger.chain.errors import ContractRefused
from ledger.chain.operations import Kind

_APPLIED = frozenset({"OpAlreadyApplied", "SizeAlreadyKnown"})
_NOT_READY = {
    "RecoveryNotReady": "readyAt",
    "AssignmentNotBegun": "from",
    "OwedNotDue": "dueAt",
    "FreezeNotLapsed": "lapsesAt",
    "CarryOverEarly": "from",
    "AssessmentEarly": "from",
    "CloseEarly": "closesAt",
    "CommentsOpen": "commentsUntil",
}
"""What the contract takes from a time on, and the argument that names it (Unix seconds)."""
_RESUMED = frozenset({"CashHalted"})
"""What is taken again when the bank's balance is the ledger's (DOMAIN 21)."""
_OUT_OF_ORDER = "FillOutOfOrder"
_NOT_ALLOWED = frozenset({"AccessManagedUnauthorized", "AccessManagedRequiredDelay"})


def lacks_role(reason: ContractRefused) -> bool:
    """Whether the account is refused, not what it says."""
    return reason.name in _NOT_ALLOWED


def judge_revert(kind: Kind, call: Call, reason: ContractRefused, *, alone: bool, now: float) -> Answer:
    """What becomes of an intent whose call the contract refused.

    Parameters
    ----------
    alone
        Nothing that the intent may build on is on its way: the refusal is about the intent itself.
    now
        Unix seconds.
    """
    if reason.name in _APPLIED:
        return Wait("")
    if (since := _NOT_READY.get(reason.name)) is not None:
        # A node may judge by the time of its last block, which on a quiet chain is long past.
        return call if int(reason.arguments[since]) <= now else Wait(reason.reason, not_ready=True)
    if reason.name in _RESUMED:
        # A fill keeps its place: its day does not close without it.
        return Wait(reason.reason, not_ready=kind is not Kind.SETTLE)
    if kind is Kind.SETTLE and reason.name == _OUT_OF_ORDER:
        return _out_of_order(call, reason, alone=alone)
    if kind is Kind.ALLOCATE and reason.name == "BalanceInsufficient":
        # An approved run sets nothing aside: its parts go on when the reserve is filled again (DOMAIN 30).
        return Wait(reason.reason, not_ready=True)
    # Without its role the account is refused, not what it says: that waits, in its order, for the role.
    return Impossible(reason.reason) if alone and not lacks_role(reason) else Wait(reason.reason)


def _out_of_order(call: Call, reason: ContractRefused, *, alone: bool) -> Answer:
    if int(reason.arguments["said"]) < int(reason.arguments["filled"]):
        return Impossible(reason.reason) if alone else Wait(reason.reason)
    # The fill before it is on its way, in a transaction that comes first: it need not wait for a block each time. Where
    # it is not, that one was refused just now, and the next round asks for so much less before.
    return Wait(reason.reason) if alone else call
