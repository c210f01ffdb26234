"""Step 9: what the chain itself says. Whoever gives the view chose the node."""

from __future__ import annotations

from ledger.errors import LedgerError, Retryable
from ledger.receipts.chain_view import ChainAnchor, ChainView
from ledger.receipts.format import Anchor, Receipt
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.trust import Trust

_STEP = 9


def check_chain(chain: ChainView, receipt: Receipt, anchor: Anchor, trust: Trust, leaf: bytes) -> bool | None:
    """Step 9 for a receipt that passed steps 1 to 8. Returns whether the anchor's block is final, None if the view
    cannot tell.

    Raises ``ReceiptRefused``, and ``Retryable`` if the chain gives no answer.
    """
    try:
        _check_contract(chain, receipt, anchor, trust, leaf)
        _check_place(chain, anchor, trust)
        final_block = chain.final_block()
    except Retryable:
        raise
    except LedgerError as error:
        refuse_because(_STEP, error)
    final = None if final_block is None else anchor.block_number <= final_block
    if anchor.state == "final" and final is False:
        raise refusal(
            _STEP,
            "receipt.anchor.state",
            anchor.state,
            f"a block at or below {final_block}",
            why="the anchor's block is not final",
            why_zh="锚定所在区块尚未最终确定",
        )
    return final


def _check_contract(chain: ChainView, receipt: Receipt, anchor: Anchor, trust: Trust, leaf: bytes) -> None:
    require_equal(_STEP, "chain.chain-id", chain.chain_id(), trust.chain_id)
    require_equal(_STEP, "chain.deployment-id", chain.deployment_id(trust.evidence_log), trust.deployment_id)
    root = chain.root_at(trust.evidence_log, anchor.epoch, anchor.size)
    require_equal(_STEP, "chain.root", root if root is not None else "none", anchor.root)
    chain.verify_inclusion(trust.evidence_log, anchor.epoch, anchor.size, receipt.index, leaf, receipt.inclusion.proof)


def _check_place(chain: ChainView, anchor: Anchor, trust: Trust) -> None:
    """The transaction and its block. A chain that forgot blocks has the anchor elsewhere: the service then has a new
    receipt, and the old one's place is false."""
    found = chain.anchor_of(trust.evidence_log, anchor.tx)
    if found is None:
        raise refusal(
            _STEP,
            "receipt.anchor.tx",
            f"0x{anchor.tx.hex()}",
            "a transaction on this chain that anchored at this contract",
            why="the chain holds no such anchor transaction; ask for the receipt again",
            why_zh="链上没有该锚定交易，请重新获取收据",
        )
    said = ChainAnchor(anchor.epoch, anchor.size, anchor.root, anchor.block_number, anchor.block_hash)
    for name in ("epoch", "size", "root"):
        require_equal(_STEP, f"chain.anchor.{name}", getattr(found, name), getattr(said, name))
    require_equal(_STEP, "receipt.anchor.block_number", said.block_number, found.block_number)
    require_equal(_STEP, "receipt.anchor.block_hash", said.block_hash, found.block_hash)
    require_equal(_STEP, "receipt.anchor.block_hash", said.block_hash, chain.block_hash(anchor.block_number))
