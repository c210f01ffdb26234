"""A deployment on a real engine, for benchmarks of gas: who is enrolled, what the relayer's account sends, its cost."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from attestation.identifiers import account_id
from attestation.keys import Algorithm, PrivateKey, Purpose
from attestation.typed_data import Domain, sign_compact_digest, sign_key_possession
from ledger.chain.contracts import IDENTIFIER_REGISTRY, IdentifierRegistry
from ledger.chain.deploy import DeploymentParameters, ensure_deployed
from ledger.chain.intents import EnrolIntent
from ledger.chain.rpc import Rpc
from ledger.chain.signed_intents import SignedIntent, SignedMessage
from ledger.chain.signing import account_address, current_fee, sign
from ledger.chain.wire import Receipt

_GAS_BOUND = 8_000_000
_DELAY = 3600
_DEADLINE = 30.0

Person = tuple[str, int, str | None, Purpose]
"""Identifier, kind as the registry counts them, parent, purposes of its key."""


def send(rpc: Rpc, sender: LocalAccount, to: bytes | None, data: bytes) -> Receipt:
    """The receipt of one transaction (``to`` ``None``: a creation); ValueError if it did not take effect."""
    signed = sign(
        sender,
        chain_id=rpc.chain_id(),
        nonce=rpc.nonce(account_address(sender)),
        fee=current_fee(rpc),
        gas=_GAS_BOUND,
        to=to,
        data=data,
    )
    rpc.send_raw(signed.raw)
    receipt = rpc.wait_for_receipt(signed.hash, deadline=_DEADLINE)
    if not receipt.succeeded:
        raise ValueError(f"call 0x{data[:4].hex()} did not take effect")
    return receipt


class Relayed:
    """The committed artifacts, deployed as in production, with these people, each with a new ES256K key.

    Parameters
    ----------
    keys
        Of accounts that have what gas costs: the first deploys, the second relays, the third governs.
    folder
        For the address book.
    people
        Enrolled in this order.
    """

    def __init__(self, rpc: Rpc, keys: Sequence[bytes], folder: Path, people: Sequence[Person]) -> None:
        self.rpc = rpc
        self.keys = {name: PrivateKey.generate(Algorithm.ES256K) for name, *_ in people}
        self.sender: LocalAccount = Account.from_key(keys[1])
        self._index = 0
        cosigner = PrivateKey.generate(Algorithm.ES256K).public.evm_address
        if cosigner is None:
            raise ValueError("a cosigner's key is ES256K")
        parameters = DeploymentParameters(
            chain_id=rpc.chain_id(),
            deployment_id=secrets.token_bytes(32),
            cosigners=(cosigner,),
            threshold=1,
            epoch_delay=_DELAY,
            recovery_delay=_DELAY,
            approvers=(),
            registrar=account_address(self.sender),
            governor=account_address(Account.from_key(keys[2])),
        )
        self.deployment = ensure_deployed(rpc, parameters, Account.from_key(keys[0]), folder / "addresses.json")
        self.now = rpc.head().timestamp
        for person in people:
            self._enrol(*person)

    def entry(self) -> tuple[bytes, int]:
        """Leaf hash and index of an entry that nobody else names."""
        self._index += 1
        return secrets.token_bytes(32), self._index

    def signed(self, message: SignedMessage, domain: Domain | None, *signers: str) -> SignedIntent:
        """A message with its signers' words, as the log hands it on."""
        digest = message.digest(known(domain))
        return SignedIntent(
            *self.entry(), message, tuple(sign_compact_digest(digest, self.keys[name]) for name in signers)
        )

    def send(self, to: bytes, data: bytes) -> int:
        """Gas of one transaction of the relayer's account, all of it; ValueError if it did not take effect."""
        return send(self.rpc, self.sender, to, data).gas_used

    def _enrol(self, name: str, kind: int, parent: str | None, purposes: Purpose) -> None:
        key = self.keys[name]
        registry = IdentifierRegistry(self.rpc, self.deployment.addresses[IDENTIFIER_REGISTRY])
        possession = sign_key_possession(self.deployment.registry_domain, account_id(name), key, purposes)
        intent = EnrolIntent(name, kind, parent, name, 2, int(purposes), key.public.on_chain, *self.entry(), possession)
        self.send(registry.address, registry.tell(secrets.token_bytes(32), intent))


def known(domain: Domain | None) -> Domain:
    """The domain of a contract that the deployment has."""
    if domain is None:
        raise ValueError("the deployment has no such contract")
    return domain
