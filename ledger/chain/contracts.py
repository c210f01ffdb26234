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

from attestation.typed_data import Domain
from ledger.chain.abi import Abi, Errors
from ledger.chain.errors import RequestRefused
from ledger.chain.intents import AnchorIntent, EnrolIntent, RevokeIntent
from ledger.chain.rpc import BlockTag, Rpc, address_text

ACCESS_MANAGER = "AccessManager"
IDENTIFIER_REGISTRY = "IdentifierRegistry"
EVIDENCE_LOG = "EvidenceLog"
NAMES = (ACCESS_MANAGER, IDENTIFIER_REGISTRY, EVIDENCE_LOG)


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
        return self._masked(code) == self._masked(self.runtime_code)

    def _masked(self, code: bytes) -> bytes:
        masked = bytearray(code)
        for start, length in self.immutables:
            masked[start : start + length] = bytes(len(masked[start : start + length]))
        return bytes(masked)


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
        words = [(signature[:32], signature[32:]) for signature in signatures]
        return self.data(function, intent.epoch, intent.size, intent.root, list(proof), words)


class IdentifierRegistry(Contract):
    """Bindings of ``IdentifierRegistry`` (docs/contracts.md)."""

    def __init__(self, rpc: Rpc, address: bytes) -> None:
        super().__init__(rpc, IDENTIFIER_REGISTRY, address)

    def op_used(self, op_id: bytes) -> bool:
        """Whether an operation took effect."""
        return bool(self.view("opUsed", op_id)[0])

    def enrol(self, op_id: bytes, intent: EnrolIntent) -> bytes:
        """Call data of ``enrol``."""
        enrolment = (
            intent.identifier,
            intent.kind,
            intent.parent_account,
            intent.group_hash,
            intent.algorithm,
            intent.purposes,
            intent.public_key,
            intent.leaf_hash,
            intent.log_index,
            (intent.possession[:32], intent.possession[32:]),
        )
        return self.data("enrol", op_id, enrolment)

    def revoke(self, op_id: bytes, intent: RevokeIntent) -> bytes:
        """Call data of ``revoke``."""
        return self.data("revoke", op_id, intent.natural_key, intent.revoked_index)

    def knows(self, thumbprint: bytes) -> bool:
        """Whether a key (32 bytes of RFC 7638 thumbprint) is enrolled, revoked or not."""
        return any(self.view("keyOf", thumbprint)[0][0])
