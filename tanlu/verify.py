"""Verification of a receipt by anybody: a receipt, a trust file, and if one likes a node of the chain. No service.

The steps are those of :func:`ledger.receipts.verify`.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ledger import receipts
from ledger.receipts import Report
from ledger.trust import Trust
from tanlu.errors import InputRefused
from tanlu.trustfile import load_trust

__all__ = ["Report", "verify_receipt"]


def verify_receipt(
    receipt: bytes | Path | str, trust: Trust | Path | str, *, rpc: str | None = None, finality: str | None = None
) -> Report:
    """Judge a receipt (its bytes, or the path of its file) by a trust file (parsed, or its path).

    With `rpc`, a JSON-RPC URL of a node that the caller trusts, the chain is asked too (step 9); `finality` says when
    a block of that chain is final: ``finalized`` or ``confirmations:<n>``, None leaves it open. Raises
    ledger.errors.ReceiptRefused (step, rule, value, expected), TrustMalformed, ledger.errors.Retryable where the node
    gives no answer, and InputRefused for files that cannot be read.
    """
    believed = trust if isinstance(trust, Trust) else load_trust(trust)
    parsed = receipts.parse(receipt if isinstance(receipt, bytes) else _read(Path(receipt)))
    if rpc is None:
        return receipts.verify(parsed, believed)
    # What speaks to contracts takes half a second to import: only who asks a chain pays for it.
    from ledger.chain.finality import finality_from_setting  # noqa: PLC0415
    from ledger.chain.view import Web3ChainView  # noqa: PLC0415

    try:
        rule = None if finality is None else finality_from_setting(finality)
    except ValueError as error:
        raise InputRefused(
            rule="finality.form",
            value=finality,
            expected="finalized or confirmations:<n>",
            message=f"No rule of finality: {finality}",
            message_zh=f"不是有效的最终性规则：{finality}",
        ) from error
    with closing(Web3ChainView(rpc, finality=rule)) as chain:
        return receipts.verify(parsed, believed, chain=chain)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(receipts.MAX_RECEIPT_BYTES + 1)
    except OSError as error:
        raise InputRefused(
            rule="file.unreadable",
            value=str(path),
            expected="a receipt",
            message=f"The receipt cannot be read: {error.strerror}",
            message_zh="无法读取收据",
        ) from error
