"""Step 9: what the chain itself says. Whoever gives the view chose the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.identifiers import account_id
from attestation.statements import Statement
from ledger.errors import LedgerError, ReceiptRefused, Retryable
from ledger.merkle import leaf_hash
from ledger.receipts.chain_view import ChainAnchor, ChainView
from ledger.receipts.format import Anchor, Receipt
from ledger.receipts.lineage import Established, check_positions
from ledger.receipts.refusal import refusal, refuse_because, require_equal
from ledger.receipts.status import KeyStatus
from ledger.trust import Trust

_STEP = 9
Signed = tuple[Sequence[Established], Statement]
"""A statement, and the keys from its own up to the registrar's."""


@dataclass(frozen=True, slots=True)
class ChainAnswer:
    """What step 9 found. ``final``: whether the anchor's block is, None if the view cannot tell. ``block``: as of which
    the registry was asked about the keys; ``unknown``: identifiers of keys that it does not know (yet)."""

    final: bool | None
    block: int
    unknown: tuple[str, ...]


def check_chain(
    chain: ChainView,
    receipt: Receipt,
    anchor: Anchor,
    trust: Trust,
    signed: Signed,
) -> ChainAnswer:
    """Step 9 for a receipt that passed steps 1 to 8, by the keys of ``signed``.

    Raises ``ReceiptRefused``, and ``Retryable`` if the chain gives no answer.
    """
    try:
        block = _check_node(chain, anchor, trust)
        _check_contract(chain, receipt, anchor, trust, leaf_hash(receipt.entry))
        _check_place(chain, anchor, trust)
        unknown = _check_keys(chain, block, receipt, trust, signed)
        final_block = chain.final_block()
    except (Retryable, ReceiptRefused):
        # A refusal of this step names it already.
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
    return ChainAnswer(final, block, unknown)


def _check_node(chain: ChainView, anchor: Anchor, trust: Trust) -> int:
    """This chain, and as far as the anchor's block: below it the registry knows less of the keys than the receipt.
    Returns the block as of which the registry is asked."""
    require_equal(_STEP, "chain.chain-id", chain.chain_id(), trust.chain_id)
    block = chain.head_block()
    if block < anchor.block_number:
        raise refusal(
            _STEP,
            "chain.head",
            block,
            f"at least {anchor.block_number}, the anchor's block",
            why="the node lags behind the receipt, or its chain forgot the block; ask again, or another node",
            why_zh="节点落后于收据，或其链已遗忘该区块；请稍后重试或更换节点",
        )
    return block


def _check_keys(chain: ChainView, block: int, receipt: Receipt, trust: Trust, signed: Signed) -> tuple[str, ...]:
    """What the registry holds of each key is what its entry says, and none had ended or is flagged where it signed."""
    keys, statement = signed
    said, unknown = [], []
    for evidence, one in zip(receipt.keys, keys, strict=True):
        found = chain.key(trust.identifier_registry, one.key.thumbprint, block)
        if found is None:
            # The relayer tells the registry a little after the log.
            unknown.append(one.identifier)
            said.append(KeyStatus(kid=one.key.kid_name, revoked=None, invalid_since=None, by=None))
            continue
        require_equal(_STEP, "chain.key.account", found.account, account_id(one.identifier))
        require_equal(_STEP, "chain.key.index", found.log_index, one.index)
        require_equal(_STEP, "chain.key.leaf", found.leaf_hash, leaf_hash(evidence.entry))
        said.append(
            KeyStatus(kid=one.key.kid_name, revoked=found.revoked_index, invalid_since=found.invalid_since, by=None)
        )
    check_positions(_STEP, receipt.index, keys, said, statement)
    return tuple(unknown)


def _check_contract(chain: ChainView, receipt: Receipt, anchor: Anchor, trust: Trust, leaf: bytes) -> None:
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
