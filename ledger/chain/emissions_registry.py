"""Bindings of ``EmissionsRegistry`` (docs/contracts.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.identifiers import account_id
from ledger.chain.contracts import EMISSIONS_REGISTRY, Contract, signature_words
from ledger.chain.emission_intents import (
    AssignIntent,
    DetermineIntent,
    EndAssignmentIntent,
    RegisterIntent,
    TieIntent,
)
from ledger.chain.rpc import BlockTag, Rpc
from ledger.receipts.chain_view import EmissionsOnChain


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Two leaves under one root that ``EvidenceLog`` knows: epoch and size of the root, RFC 9162 paths of the report's
    leaf and of the verification statement's (hashes of 32 bytes)."""

    epoch: int
    size: int
    report: Sequence[bytes]
    statement: Sequence[bytes]


class EmissionsRegistry(Contract):
    """Calls to the emissions registry at one address."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, EMISSIONS_REGISTRY, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect."""
        return bool(self.view("opUsed", op_id)[0])

    def deployment_id(self) -> bytes:
        """The 32-byte deployment id that the contract signs under."""
        return bytes(self.view("deploymentId")[0])

    def tell(self, op_id: bytes, intent: AssignIntent | EndAssignmentIntent | TieIntent | DetermineIntent) -> bytes:
        """Call data of what an intent asks for."""
        match intent:
            case AssignIntent():
                case, verifier = _case(intent), account_id(intent.verifier)
                return self.data("assign", op_id, *case, verifier, intent.begins, intent.until, *intent.entry)
            case EndAssignmentIntent():
                return self.data("endAssignment", op_id, *_case(intent), *intent.entry)
            case TieIntent():
                return self.data("declareTie", op_id, account_id(intent.a), account_id(intent.b))
            case DetermineIntent():
                figure = (*_case(intent), intent.tonnes, intent.document_hash, intent.revision)
                approvals = [signature_words(approval) for approval in intent.approvals]
                return self.data("determine", op_id, figure, approvals, *intent.entry)

    def register(self, op_id: bytes, intent: RegisterIntent, inclusion: Inclusion) -> bytes:
        """Call data of ``register``."""
        figure = (*_case(intent), intent.tonnes, intent.report_leaf, intent.statement_leaf, intent.revision)
        report = (intent.report_index, list(inclusion.report))
        statement = (intent.statement_index, list(inclusion.statement))
        signature = signature_words(intent.signature)
        return self.data("register", op_id, figure, signature, inclusion.epoch, inclusion.size, report, statement)

    def emissions_of(self, account: bytes, year: int, *, block: BlockTag = "latest") -> EmissionsOnChain | None:
        """The figure of a case as it stands, ``None`` if there is none. ``account``: the enterprise's, 32 bytes."""
        tonnes, revision, determined, verifier, report, statement, at = self.view(
            "emissionsOf", account, year, block=block
        )
        if not revision:
            return None
        leaves = (bytes(report) if any(report) else None, bytes(statement))
        return EmissionsOnChain(tonnes, revision, determined, bytes(verifier) if any(verifier) else None, *leaves, at)


def _case(intent: AssignIntent | EndAssignmentIntent | RegisterIntent | DetermineIntent) -> tuple[bytes, int]:
    return account_id(intent.enterprise), intent.year
