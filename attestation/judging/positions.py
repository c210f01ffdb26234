"""Keys by log position: which are active, how far they are from the root key, which cannot change."""

from __future__ import annotations

from attestation.context import Context, KeyRecord
from attestation.keys import Algorithm
from attestation.refusals import refuse

MAX_DEPTH = 16
"""How many keys may stand between a signature and the root key: a receipt carries an entry for each."""


def is_active(record: KeyRecord, index: int) -> bool:
    """Whether the key signs the entry at that index."""
    return record.activated_index < index and (record.revoked_index is None or index < record.revoked_index)


def is_root(record: KeyRecord, context: Context) -> bool:
    """Whether this is the root key of the trust file."""
    return (record.identifier, record.key) == (context.registrar_identifier, context.registrar)


def lineage(signer: KeyRecord, context: Context) -> tuple[str | None, int]:
    """``authorised_by`` and ``depth`` of a key whose entry ``signer`` signs."""
    return (None, 1) if is_root(signer, context) else (signer.key.kid_name, signer.depth + 1)


def check_depth(signer: KeyRecord, context: Context) -> None:
    """Step 11: one more key in the chain is not one too many (``key.chain_length``)."""
    _, depth = lineage(signer, context)
    if depth > MAX_DEPTH:
        raise refuse("key.chain_length", depth, f"at most {MAX_DEPTH}; a recovered key starts anew")


def find_changeable(identifier: str, thumbprint: str, context: Context) -> KeyRecord:
    """Step 11: that key of the identifier, which is not the root key (``key.absent``, ``key.root``)."""
    record = context.key(identifier, thumbprint)
    if record is None:
        raise refuse("key.absent", f"{identifier}#{thumbprint}")
    if is_root(record, context):
        raise refuse("key.root", thumbprint)
    return record


def active_accounts(identifier: str, context: Context) -> dict[bytes, KeyRecord]:
    """The identifier's active ES256K keys by their 20-byte addresses."""
    found = (record for record in context.keys_of(identifier) if record.key.algorithm is Algorithm.ES256K)
    return {
        address: record
        for record in found
        if is_active(record, context.next_index) and (address := record.key.evm_address) is not None
    }
