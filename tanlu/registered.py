"""Whether the chain holds the figure of a registration: judged by receipts and a node that one trusts, no service
(DOMAIN 2, 44, 45)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from attestation.bodies import Registration
from attestation.examination import examine
from attestation.judging.newcomers import check_signature_hex
from ledger import receipts
from ledger.errors import ReceiptRefused
from ledger.receipts import (
    DeterminedFigure,
    EmissionsView,
    FigureWords,
    RegisteredFigure,
    verify_determined,
    verify_registered,
)
from ledger.trust import Trust
from tanlu.errors import InputRefused
from tanlu.statement_files import read_statement

_NOT_THERE = "chain.emissions"
_POLL_SECONDS = 0.5
_Figure = TypeVar("_Figure", RegisteredFigure, DeterminedFigure)


def read_words(path: Path, trust: Trust) -> FigureWords:
    """What a registration says, from its receipt or from the signed statement. Raises InputRefused
    (``registered.words``, ``statement.file``), ReceiptRefused and AttestationError."""
    with path.open("rb") as file:
        data = file.read(receipts.MAX_RECEIPT_BYTES + 1)
    # A receipt is JSON, a compact JWS never begins like that.
    entry = receipts.parse(data).entry if data.lstrip().startswith(b"{") else read_statement(path)
    return words_of(entry, trust)


def words_of(entry: bytes, trust: Trust) -> FigureWords:
    """What an entry of type ``registration`` says. Raises InputRefused (``registered.words``) and AttestationError."""
    statement = examine(entry, trust.log)
    body = statement.body
    if not isinstance(body, Registration):
        raise InputRefused(
            rule="registered.words",
            value=statement.type,
            expected="registration",
            message=f"This statement is no registration: {statement.type}",
            message_zh=f"该声明不是登记声明：{statement.type}",
        )
    check_signature_hex(body.signature, "body.signature")
    signature = bytes.fromhex(body.signature[2:])
    return FigureWords(body.enterprise, body.year, body.tonnes, body.revision, signature)


def require_case(words: FigureWords, enterprise: str, year: int) -> None:
    """The words are about that case. Raises InputRefused (``registered.case``)."""
    if (words.enterprise, words.year) != (enterprise, year):
        found, wanted = f"{words.enterprise} {words.year}", f"{enterprise} {year}"
        raise InputRefused(
            rule="registered.case",
            value=found,
            expected=wanted,
            message=f"The registration is of another case: {found}, not {wanted}",
            message_zh=f"该登记属于另一案件：{found}，而非 {wanted}",
        )


def read_receipt(path: Path) -> receipts.Receipt:
    """The receipt in a file. Raises ReceiptRefused for what is none."""
    with path.open("rb") as file:
        return receipts.parse(file.read(receipts.MAX_RECEIPT_BYTES + 1))


@dataclass(frozen=True, slots=True)
class FigureFiles:
    """What a registered figure is judged by: the receipts of report and verdict, and the registration's words."""

    report: receipts.Receipt
    verdict: receipts.Receipt
    words: FigureWords


def verify_on_chain(held: FigureFiles, trust: Trust, rpc: str, *, wait: float = 0.0) -> RegisteredFigure:
    """Judge a figure with the node ``rpc`` (``ledger.receipts.verify_registered``), which may be on its way to the
    contract for ``wait`` seconds. Raises ReceiptRefused, and ledger.errors.Retryable where the node gives no answer."""
    return _asked(rpc, wait, lambda chain: verify_registered(held.report, held.verdict, held.words, trust, chain))


def verify_determined_on_chain(
    determination: receipts.Receipt, enterprise: str, year: int, trust: Trust, rpc: str, *, wait: float = 0.0
) -> DeterminedFigure:
    """Judge a determined figure likewise (``ledger.receipts.verify_determined``). Raises the same."""
    return _asked(rpc, wait, lambda chain: verify_determined(determination, enterprise, year, trust, chain))


def _asked(rpc: str, wait: float, judge: Callable[[EmissionsView], _Figure]) -> _Figure:
    # What speaks to contracts takes half a second to import: only who asks a chain pays for it.
    from ledger.chain.view import Web3ChainView  # noqa: PLC0415

    until = time.monotonic() + wait
    with closing(Web3ChainView(rpc)) as chain:
        while True:
            try:
                return judge(chain)
            except ReceiptRefused as refused:
                if refused.rule != _NOT_THERE or time.monotonic() >= until:
                    raise
            time.sleep(_POLL_SECONDS)
