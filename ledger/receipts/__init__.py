"""Receipts: evidence that a log holds an entry, for anybody to verify with a trust file and without the service.

``parse``/``Receipt.format`` and ``build_receipt`` (format), ``verify`` (numbered steps, no I/O), ``ChainView`` (what is
asked of a chain), ``Report`` (what was checked and what was not). ``verify_registered`` judges a figure on chain by the
receipts of its report and its verification, ``verify_determined`` one that two persons determined. The format is in
docs/receipts.md.
"""

from __future__ import annotations

from ledger.receipts.chain_view import ChainAnchor, ChainView, EmissionsOnChain, KeyOnChain
from ledger.receipts.determined import DeterminedFigure, verify_determined
from ledger.receipts.format import MAX_RECEIPT_BYTES, Anchor, Inclusion, KeyEvidence, Receipt, build_receipt, parse
from ledger.receipts.registered import FigureWords, RegisteredFigure, verify_registered
from ledger.receipts.report import Finding, Report
from ledger.receipts.standing import EmissionsView
from ledger.receipts.status import KeyStatus, sign_status
from ledger.receipts.verification import verify

__all__ = [
    "MAX_RECEIPT_BYTES",
    "Anchor",
    "ChainAnchor",
    "ChainView",
    "DeterminedFigure",
    "EmissionsOnChain",
    "EmissionsView",
    "FigureWords",
    "Finding",
    "Inclusion",
    "KeyEvidence",
    "KeyOnChain",
    "KeyStatus",
    "Receipt",
    "RegisteredFigure",
    "Report",
    "build_receipt",
    "parse",
    "sign_status",
    "verify",
    "verify_determined",
    "verify_registered",
]
