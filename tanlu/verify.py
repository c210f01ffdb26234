"""Verification of a receipt by anybody: a receipt, a trust file, and if one likes a node of the chain. No service.

The steps are those of :func:`ledger.receipts.verify`.
"""

from __future__ import annotations

from pathlib import Path

from ledger import receipts
from ledger.receipts import ChainView, Report
from ledger.trust import Trust
from tanlu.errors import InputRefused
from tanlu.trustfile import load_trust

__all__ = ["Report", "verify_receipt"]


def verify_receipt(receipt: bytes | Path | str, trust: Trust | Path | str, *, rpc: str | None = None) -> Report:
    """Judge a receipt (its bytes, or the path of its file) by a trust file (parsed, or its path).

    With `rpc`, a JSON-RPC URL of a node that the caller trusts, the chain is asked too (step 9). Raises
    ledger.errors.ReceiptRefused (step, rule, value, expected), TrustMalformed, ledger.errors.Retryable where the node
    gives no answer, and InputRefused for files that cannot be read.
    """
    believed = trust if isinstance(trust, Trust) else load_trust(trust)
    data = receipt if isinstance(receipt, bytes) else _read(Path(receipt))
    return receipts.verify(receipts.parse(data), believed, chain=None if rpc is None else _chain(rpc))


def _chain(rpc: str) -> ChainView:
    # web3 takes a second to import: only who asks a chain pays for it.
    from ledger.chain.view import Web3ChainView  # noqa: PLC0415

    return Web3ChainView(rpc)


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
