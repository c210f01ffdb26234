"""``cash``: what the custody bank holds for whom, by the registrar, by two persons where money moves (DOMAIN 21, 23).

Amounts are fen. A bank account is known by a hash (SHA-256 of what names it and its holder), a bank's reference by its
text; the exchange keeps the text's Keccak-256.
"""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.assets import Action, ApprovalPair, OperationText
from attestation.bodies.market import DayNumber
from attestation.bodies.orders import Fen
from attestation.bodies.texts import IdentifierText, NameText, integer
from attestation.bodies.words import DigestText
from attestation.market_words import MOST_FEN


class CashAction(Action, frozen=True, kw_only=True):
    """What every body of ``cash`` is."""


class BindBankAccount(CashAction, frozen=True, kw_only=True, tag="bind"):
    """The account's own bank account, of the same name: withdrawals go there and nowhere else."""

    op_id: OperationText
    account: IdentifierText
    bank_account: DigestText
    document_hash: DigestText
    approvals: ApprovalPair


class DepositCash(CashAction, frozen=True, kw_only=True, tag="deposit"):
    """Cash that the bank received for the account; ``bank_reference`` is the bank's own, once. ``reverses``: the
    operation of the settled trade that it is paid back for, which is not part of what two persons sign (DOMAIN 22)."""

    op_id: OperationText
    account: IdentifierText
    fen: Fen
    bank_reference: NameText
    reverses: OperationText | None = None
    approvals: ApprovalPair


class SettleWithdrawal(CashAction, frozen=True, kw_only=True, tag="payout"):
    """What the bank did with a withdrawal (its operation): paid it, or not, and the cash is free again."""

    op_id: OperationText
    withdrawal: OperationText
    paid: bool
    bank_reference: NameText
    approvals: ApprovalPair


class ReconcileCash(CashAction, frozen=True, kw_only=True, tag="reconcile"):
    """What the bank holds at the end of a day. Where the ledger says otherwise, cash stands still until it does not."""

    day: DayNumber
    bank_fen: Annotated[int, integer(0, MOST_FEN)]


Cash = BindBankAccount | DepositCash | SettleWithdrawal | ReconcileCash
"""Body of ``cash``: one of the actions."""
