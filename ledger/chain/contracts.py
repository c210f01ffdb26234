"""The compiled contracts and one deployment of them: what the ledger calls, by name and type.

Artifacts are the compiler's output as committed package data (``ledger.chain.compile``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eth_abi.exceptions import DecodingError

from attestation.encoding import b64url_decode
from attestation.typed_data import Domain
from ledger.chain.abi import Abi, Errors
from ledger.chain.errors import RequestRefused
from ledger.chain.intents import (
    AddKeyIntent,
    AnchorIntent,
    CancelRecoveryIntent,
    CompleteRecoveryIntent,
    CompromiseKeyIntent,
    EnrolIntent,
    KeyGrant,
    ProposeRecoveryIntent,
    RegistryIntent,
    RevokeKeyIntent,
    RotateKeyIntent,
)
from ledger.chain.rpc import BlockTag, Rpc, address_text
from ledger.chain.runtime_code import earlier_release, without_immutables
from ledger.receipts.chain_view import KeyOnChain

ACCESS_MANAGER = "AccessManager"
IDENTIFIER_REGISTRY = "IdentifierRegistry"
EVIDENCE_LOG = "EvidenceLog"
EMISSIONS_REGISTRY = "EmissionsRegistry"
CARBON_LEDGER = "CarbonLedger"
COMPLIANCE = "Compliance"
CREDIT_SCORES = "CreditScores"
EXCHANGE = "Exchange"
ASSET_CONTRACTS = (CARBON_LEDGER, COMPLIANCE, CREDIT_SCORES)
NAMES = (ACCESS_MANAGER, IDENTIFIER_REGISTRY, EVIDENCE_LOG, EMISSIONS_REGISTRY, *ASSET_CONTRACTS, EXCHANGE)
"""In the order of their creation. A new contract comes last: what stands keeps its address."""
FIRST_NAMES = NAMES[:3]
"""What a deployment had before there were emissions on chain."""
EMISSION_NAMES = NAMES[:4]
"""What one had before there were units and obligations."""
UNIT_NAMES = NAMES[:7]
"""What one had before there was a market."""


@dataclass(frozen=True, slots=True, eq=False)
class Artifact:
    """One compiled contract. ``sha256`` is of the artifact file; ``immutables`` are (start, length) in the runtime
    code.
    """

    name: str
    abi: Abi
    creation_code: bytes
    runtime_code: bytes
    immutables: tuple[tuple[int, int], ...]
    sha256: bytes

    def runs_at(self, code: bytes) -> bool:
        """Whether deployed ``code`` is this contract's, whatever its constructor put into immutables."""
        return without_immutables(code, self.immutables) == without_immutables(self.runtime_code, self.immutables)

    def release_at(self, code: bytes) -> bytes | None:
        """SHA-256 of the artifact that deployed ``code`` came from, this one or an earlier release's; ``None`` for
        another contract's."""
        if self.runs_at(code):
            return self.sha256
        earlier = earlier_release(self.name, code)
        return None if earlier is None else earlier.artifact_sha256


@cache
def load_artifact(name: str) -> Artifact:
    """The committed artifact of a contract."""
    data = (files("ledger.chain") / "artifacts" / f"{name}.json").read_bytes()
    raw = json.loads(data)
    return Artifact(
        name=name,
        abi=Abi(raw["abi"]),
        creation_code=bytes.fromhex(raw["bytecode"].removeprefix("0x")),
        runtime_code=bytes.fromhex(raw["deployedBytecode"].removeprefix("0x")),
        immutables=tuple((start, length) for places in raw["immutableReferences"] for start, length in places),
        sha256=hashlib.sha256(data).digest(),
    )


@cache
def known_errors() -> Errors:
    """The custom errors of all our contracts, to name a revert by."""
    return Errors(load_artifact(name).abi for name in NAMES)


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment on one chain. Addresses have 20 bytes; ``first_block`` is the lowest with an event of it."""

    chain_id: int
    deployment_id: bytes
    addresses: Mapping[str, bytes]
    cosigners: tuple[bytes, ...]
    threshold: int
    first_block: int

    @property
    def checkpoint_domain(self) -> Domain:
        """EIP-712 domain of cosignatures (docs/design.md §4)."""
        return Domain(self.chain_id, self.addresses[EVIDENCE_LOG], self.deployment_id)

    @property
    def registry_domain(self) -> Domain:
        """EIP-712 domain of possession proofs."""
        return Domain(self.chain_id, self.addresses[IDENTIFIER_REGISTRY], self.deployment_id)

    @property
    def emissions_domain(self) -> Domain | None:
        """EIP-712 domain of registered emissions, ``None`` for a deployment without that contract."""
        return self._domain(EMISSIONS_REGISTRY)

    @property
    def ledger_domain(self) -> Domain | None:
        """EIP-712 domain of what moves units, ``None`` for a deployment without that contract."""
        return self._domain(CARBON_LEDGER)

    @property
    def compliance_domain(self) -> Domain | None:
        """EIP-712 domain of what meets obligations, ``None`` for a deployment without that contract."""
        return self._domain(COMPLIANCE)

    @property
    def exchange_domain(self) -> Domain | None:
        """EIP-712 domain of orders and of what moves cash, ``None`` for a deployment without that contract."""
        return self._domain(EXCHANGE)

    def _domain(self, name: str) -> Domain | None:
        address = self.addresses.get(name)
        return None if address is None else Domain(self.chain_id, address, self.deployment_id)

    def readable(self) -> dict[bytes, tuple[str, Abi]]:
        """Address → name and ABI, to read events by."""
        return {address: (name, load_artifact(name).abi) for name, address in self.addresses.items()}


class Contract:
    """Calls to one contract at one address; a revert is a :class:`~ledger.chain.errors.ContractRefused`."""

    def __init__(self, rpc: Rpc, name: str, address: bytes) -> None:
        self._rpc = rpc
        self._abi = load_artifact(name).abi
        self.address = address

    def data(self, function: str, *arguments: Any) -> bytes:
        """Call data, for a transaction."""
        return self._abi.call(function, *arguments)

    def view(self, function: str, *arguments: Any, block: BlockTag = "latest") -> tuple[Any, ...]:
        """Call a view and decode what it returns."""
        answer = self.try_call(self.data(function, *arguments), block=block)
        try:
            return self._abi.result(function, answer)
        except DecodingError as error:
            raise RequestRefused(
                "eth_call", 0, f"no {function} at {address_text(self.address)}: it is another contract or none", answer
            ) from error

    def try_call(self, data: bytes, *, sender: bytes | None = None, block: BlockTag = "latest") -> bytes:
        """Run call data without a transaction."""
        try:
            return self._rpc.call(self.address, data, sender=sender, block=block)
        except RequestRefused as error:
            raise known_errors().decoded(error) from error


class EvidenceLog(Contract):
    """Bindings of ``EvidenceLog`` (docs/contracts.md)."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, EVIDENCE_LOG, address)

    def head(self) -> AnchorIntent | int:
        """The last anchored checkpoint, or the current epoch alone while nothing is anchored."""
        epoch, size, root = self.view("head")
        return AnchorIntent(epoch, size, root) if size else int(epoch)

    def root_at(self, epoch: int, size: int) -> bytes | None:
        """The root known at a size (32 bytes), ``None`` if none is."""
        (root,) = self.view("rootAt", epoch, size)
        return bytes(root) if any(root) else None

    def deployment_id(self) -> bytes:
        """The 32-byte deployment id that the contract signs under."""
        return bytes(self.view("deploymentId")[0])

    def anchor(self, intent: AnchorIntent, proof: Sequence[bytes], signatures: Sequence[bytes]) -> bytes:
        """Call data of ``anchor``; ``signatures`` are 64 bytes each, by ascending address of the signers."""
        return self._checkpoint_call("anchor", intent, proof, signatures)

    def backfill(self, intent: AnchorIntent, proof: Sequence[bytes], signatures: Sequence[bytes]) -> bytes:
        """Call data of ``backfill``; ``proof`` leads from the intent's size to the end of its epoch's line."""
        return self._checkpoint_call("backfill", intent, proof, signatures)

    def verify_inclusion(self, epoch: int, size: int, index: int, leaf_hash: bytes, proof: Sequence[bytes]) -> None:
        """Let the contract verify an inclusion proof; raises ``ContractRefused`` where it does not hold."""
        self.try_call(self.data("verifyInclusion", epoch, size, index, leaf_hash, list(proof)))

    def _checkpoint_call(
        self, function: str, intent: AnchorIntent, proof: Sequence[bytes], signatures: Sequence[bytes]
    ) -> bytes:
        words = [signature_words(signature) for signature in signatures]
        return self.data(function, intent.epoch, intent.size, intent.root, list(proof), words)


class IdentifierRegistry(Contract):
    """Bindings of ``IdentifierRegistry`` (docs/contracts.md)."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, IDENTIFIER_REGISTRY, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect."""
        return bool(self.view("opUsed", op_id)[0])

    def tell(self, op_id: bytes, intent: RegistryIntent) -> bytes:
        """Call data of what an intent asks for."""
        function, *arguments = _registry_call(intent)
        return self.data(function, op_id, *arguments)

    def key(self, thumbprint: bytes, *, block: BlockTag = "latest") -> KeyOnChain | None:
        """What is known of a key (32 bytes of RFC 7638 thumbprint), ``None`` if nothing is."""
        (found,) = self.view("keyOf", thumbprint, block=block)
        account, leaf, _, _, _, log_index, _, revoked_at, revoked_index, invalid_since = found
        if not any(account):
            return None
        revoked = revoked_index if revoked_at else None
        return KeyOnChain(bytes(account), bytes(leaf), log_index, revoked, invalid_since or None)


def _registry_call(intent: RegistryIntent) -> tuple[Any, ...]:
    """The function's name and its arguments after the operation id."""
    call: tuple[Any, ...]
    match intent:
        case EnrolIntent():
            key = (intent.algorithm, intent.purposes, intent.public_key, intent.leaf_hash, intent.log_index)
            possession = signature_words(intent.possession)
            place = (intent.identifier, intent.kind, intent.parent_account, intent.group_hash)
            call = "enrol", (*place, (*key, possession))
        case AddKeyIntent():
            call = "addKey", intent.account, _grant(intent.grant), signature_words(intent.consent)
        case RotateKeyIntent():
            call = "rotate", b64url_decode(intent.replaces), _grant(intent.grant), signature_words(intent.consent)
        case RevokeKeyIntent():
            call = "revoke", b64url_decode(intent.thumbprint), intent.revoked_index
        case CompromiseKeyIntent():
            thumbprint = b64url_decode(intent.thumbprint)
            call = "declareCompromised", thumbprint, intent.invalid_since, intent.revoked_index
        case ProposeRecoveryIntent():
            approvals = [signature_words(approval) for approval in intent.approvals]
            replaces = b64url_decode(intent.replaces)
            call = "proposeRecovery", replaces, _grant(intent.grant), intent.reason_hash, approvals
        case CancelRecoveryIntent():
            call = "cancelRecovery", b64url_decode(intent.thumbprint)
        case CompleteRecoveryIntent():
            thumbprint = b64url_decode(intent.thumbprint)
            call = "completeRecovery", thumbprint, intent.public_key, intent.leaf_hash, intent.log_index
    return call


def _grant(grant: KeyGrant) -> tuple[Any, ...]:
    key = (grant.algorithm, grant.purposes, grant.public_key, grant.leaf_hash, grant.log_index)
    return (*key, signature_words(grant.possession))


def signature_words(signature: bytes) -> tuple[bytes, bytes]:
    """A 64-byte EIP-2098 signature as the contracts' ``Cosignature`` (r, vs)."""
    return signature[:32], signature[32:]
