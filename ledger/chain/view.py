"""A chain as one node shows it, for the verification of a receipt (``tanlu verify --rpc``): reads only."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.chain.contracts import EVIDENCE_LOG, EvidenceLog, IdentifierRegistry, load_artifact
from ledger.chain.emissions_registry import EmissionsRegistry
from ledger.chain.errors import RequestRefused
from ledger.chain.finality import Finality
from ledger.chain.rpc import DEFAULT_TIMEOUT, Rpc, address_text
from ledger.receipts.chain_view import ChainAnchor, EmissionsOnChain, KeyOnChain

_ANCHORING = frozenset({"Anchored", "Backfilled"})


class Web3ChainView:
    """Implements ``ledger.receipts.ChainView`` and ``EmissionsView`` over JSON-RPC.

    Parameters
    ----------
    rpc_url
        The node that is asked, and believed about what its chain holds.
    finality
        How this chain says what is final; without it the view does not tell.
    timeout
        Seconds per request.
    """

    def __init__(self, rpc_url: str, *, finality: Finality | None = None, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._rpc = Rpc(rpc_url, timeout=timeout)
        self._finality = finality

    def close(self) -> None:
        """Close the kept connections."""
        self._rpc.close()

    def chain_id(self) -> int:
        """The chain's id."""
        return self._rpc.chain_id()

    def deployment_id(self, contract: bytes) -> bytes:
        """``deploymentId()`` of the evidence log at ``contract``, or of another contract of ours."""
        return EvidenceLog(self._rpc, contract).deployment_id()

    def root_at(self, contract: bytes, epoch: int, size: int) -> bytes | None:
        """``rootAt(epoch, size)``, ``None`` where the contract knows none."""
        return EvidenceLog(self._rpc, contract).root_at(epoch, size)

    def verify_inclusion(  # noqa: PLR0917 - the signature of ``ChainView``
        self, contract: bytes, epoch: int, size: int, index: int, leaf_hash: bytes, proof: Sequence[bytes]
    ) -> None:
        """The contract's own verification; raises ``ContractRefused`` where it reverts."""
        # A call to an address without code succeeds and says nothing.
        if not self._rpc.code(contract):
            raise RequestRefused("eth_call", 0, f"no contract at {address_text(contract)}")
        EvidenceLog(self._rpc, contract).verify_inclusion(epoch, size, index, leaf_hash, proof)

    def block_hash(self, number: int) -> bytes | None:
        """Hash of the block of that number, ``None`` beyond the head."""
        block = self._rpc.block(number)
        return None if block is None else block.hash

    def anchor_of(self, contract: bytes, tx: bytes) -> ChainAnchor | None:
        """What the transaction anchored or backfilled at ``contract``; ``None`` if it is not there or did neither."""
        receipt = self._rpc.receipt(tx)
        if receipt is None or not receipt.succeeded:
            return None
        for log in receipt.logs:
            event = load_artifact(EVIDENCE_LOG).abi.event(log) if log.address == contract else None
            if event is not None and event[0] in _ANCHORING:
                args = event[1]
                return ChainAnchor(args["epoch"], args["size"], args["root"], receipt.block_number, receipt.block_hash)
        return None

    def head_block(self) -> int:
        """The highest block that the node shows."""
        return self._rpc.head().number

    def key(self, registry: bytes, thumbprint: bytes, block: int) -> KeyOnChain | None:
        """``keyOf(thumbprint)`` of the identifier registry as of that block, ``None`` if it knows nothing."""
        return IdentifierRegistry(self._rpc, registry).key(thumbprint, block=block)

    def emissions(self, registry: bytes, account: bytes, year: int, block: int) -> EmissionsOnChain | None:
        """``emissionsOf(account, year)`` of the emissions registry as of that block, ``None`` if it holds nothing."""
        return EmissionsRegistry(self._rpc, registry).emissions_of(account, year, block=block)

    def final_block(self) -> int | None:
        """The highest final block, ``None`` where this view cannot tell."""
        final = None if self._finality is None else self._finality.final_block(self._rpc)
        return None if final is None else final.number
