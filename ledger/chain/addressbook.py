"""The address book: which deployment stands where, as one JSON file that is replaced atomically."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain.contracts import Deployment
from ledger.chain.errors import DeploymentMismatch
from ledger.chain.rpc import address_text

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One contract: address (20 bytes), artifact hash, creating transaction (32 bytes each) and its block number."""

    address: bytes
    artifact_sha256: bytes
    tx: bytes
    block: int


@dataclass(frozen=True, slots=True)
class AddressBook:
    """A deployment as it was made. ``approvers``: (address, body) of those who may approve a new epoch."""

    deployment_id: bytes
    chain_id: int
    deployer: bytes
    contracts: Mapping[str, Entry]
    cosigners: tuple[bytes, ...]
    threshold: int
    approvers: tuple[tuple[bytes, bytes], ...]

    def deployment(self) -> Deployment:
        """What the ledger needs to call it."""
        return Deployment(
            chain_id=self.chain_id,
            deployment_id=self.deployment_id,
            addresses={name: entry.address for name, entry in self.contracts.items()},
            cosigners=self.cosigners,
            threshold=self.threshold,
            first_block=min(entry.block for entry in self.contracts.values()),
        )

    def to_json(self) -> str:
        """The file's text."""
        document = {
            "v": _VERSION,
            "deployment_id": self.deployment_id.hex(),
            "chain_id": self.chain_id,
            "deployer": address_text(self.deployer),
            "contracts": {
                name: {
                    "address": address_text(entry.address),
                    "artifact_sha256": entry.artifact_sha256.hex(),
                    "tx": "0x" + entry.tx.hex(),
                    "block": entry.block,
                }
                for name, entry in self.contracts.items()
            },
            "cosigners": [address_text(address) for address in self.cosigners],
            "threshold": self.threshold,
            "approvers": [
                {"account": address_text(account), "body": "0x" + body.hex()} for account, body in self.approvers
            ],
        }
        return json.dumps(document, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> AddressBook:
        """Inverse of :meth:`to_json`; raises :class:`DeploymentMismatch` for anything else."""
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw["v"] != _VERSION:
                raise ValueError(f"version {raw['v']}")
            return cls(
                deployment_id=_sized(raw["deployment_id"], 32),
                chain_id=int(raw["chain_id"]),
                deployer=_sized(raw["deployer"], 20),
                contracts={
                    name: Entry(
                        _sized(item["address"], 20),
                        _sized(item["artifact_sha256"], 32),
                        _sized(item["tx"], 32),
                        int(item["block"]),
                    )
                    for name, item in raw["contracts"].items()
                },
                cosigners=_addresses(raw["cosigners"]),
                threshold=int(raw["threshold"]),
                approvers=tuple((_sized(item["account"], 20), _sized(item["body"], 32)) for item in raw["approvers"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DeploymentMismatch(
                "the address book is damaged or of another version",
                rule="deployment.book",
                value=repr(error),
                expected=f"an address book of version {_VERSION}",
                message_zh="地址簿已损坏或版本不符",
            ) from error


def read_address_book(path: Path) -> AddressBook | None:
    """The book at ``path``, ``None`` if there is none yet."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return AddressBook.from_json(text)


def write_address_book(path: Path, book: AddressBook) -> None:
    """Replace the book: a crash leaves the old one or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(book.to_json())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sized(text: str, length: int) -> bytes:
    value = bytes.fromhex(text.removeprefix("0x"))
    if len(value) != length:
        raise ValueError(f"{text} has {len(value)} bytes, not {length}")
    return value


def _addresses(texts: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(_sized(text, 20) for text in texts)
