"""``key``, ``add``, ``rotate``, ``revoke`` and ``compromise``: what becomes of an identifier's keys.

All of it is judged by log position: a key signs from the entry after the one that brought it up to the entry that
ends it, which may be its own last word.
"""

from __future__ import annotations

from attestation.bodies import AddKey, CompromiseKey, RevokeKey, RotateKey
from attestation.context import Context, KeyRecord
from attestation.envelope import Statement
from attestation.identifiers import account_id, parse_identifier
from attestation.judging.common import Facts, check_place, check_reason, check_time
from attestation.judging.newcomers import (
    Newcomer,
    check_purposes,
    check_signature_hex,
    check_thumbprint,
    check_unknown,
    read_newcomer,
)
from attestation.judging.positions import active_accounts, check_depth, find_changeable, is_root
from attestation.judging.possession import check_proofs
from attestation.judging.words import check_word
from attestation.keys import Algorithm
from attestation.refusals import refuse
from attestation.typed_data import key_consent_digest


def judge_addition(statement: Statement, body: AddKey, signer: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12 of one more key for the signer."""
    # 9: body schema, units, bounds
    newcomer = _read(statement, body, context)

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of this key, and how far it is from the root
    check_unknown(newcomer.key, context)
    check_depth(signer, context)
    gap = check_place(statement, context)

    # 12: recomputation: possession, and the account's consent on chain
    check_proofs(body, statement.iss, newcomer, context)
    _check_consent(body, statement.iss, newcomer, context)
    return Facts(opens_gap=gap)


def judge_rotation(statement: Statement, body: RotateKey, signer: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12 of a key that takes the place of the signing one."""
    # 9: body schema, units, bounds
    newcomer = _read(statement, body, context)

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of both keys
    if is_root(signer, context):
        raise refuse("key.root", signer.key.kid_name)
    if newcomer.purposes != signer.purposes:
        raise refuse("rotation.purposes", ", ".join(newcomer.purposes.names()), ", ".join(signer.purposes.names()))
    check_unknown(newcomer.key, context)
    check_depth(signer, context)
    gap = check_place(statement, context)

    # 12: recomputation: possession, and the account's consent on chain
    check_proofs(body, statement.iss, newcomer, context)
    _check_consent(body, statement.iss, newcomer, context, replaced=signer.key.algorithm)
    return Facts(opens_gap=gap)


def check_revoker(statement: Statement, body: RevokeKey, signer: KeyRecord, context: Context) -> None:
    """Step 8: a key is revoked by its holder, the holder's parent or the root key (``purpose.holder``)."""
    if body.identifier == statement.iss or is_root(signer, context):
        return
    holder = context.identifier(body.identifier)
    parent = None if holder is None else holder.parent
    if parent != statement.iss:
        allowed = f"{body.identifier}, its parent {parent or 'none'} or the root key"
        raise refuse("purpose.holder", statement.iss, allowed)


def judge_revocation(statement: Statement, body: RevokeKey, context: Context) -> Facts:
    """Steps 9 to 11 of a revocation; there is nothing to recompute."""
    # 9: body schema, units, bounds
    parse_identifier(body.identifier, step=9)
    check_thumbprint(body.thumbprint, "body.thumbprint")
    if body.reason is not None:
        check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of the key
    record = find_changeable(body.identifier, body.thumbprint, context)
    if record.revoked_index is not None:
        raise refuse("revocation.repeated", body.thumbprint, at=f"revoked by entry {record.revoked_index}")
    return Facts(opens_gap=check_place(statement, context))


def judge_compromise(statement: Statement, body: CompromiseKey, context: Context) -> Facts:
    """Steps 9 to 11 of a key declared compromised; there is nothing to recompute."""
    # 9: body schema, units, bounds
    parse_identifier(body.identifier, step=9)
    check_thumbprint(body.thumbprint, "body.thumbprint")
    check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of the key
    record = find_changeable(body.identifier, body.thumbprint, context)
    if record.compromised_since is not None:
        raise refuse("compromise.repeated", body.thumbprint, at=f"invalid since entry {record.compromised_since}")
    if not record.activated_index < body.invalid_since <= context.next_index:
        raise refuse("compromise.since", body.invalid_since, f"{record.activated_index + 1} to {context.next_index}")
    return Facts(opens_gap=check_place(statement, context))


def _read(statement: Statement, body: AddKey | RotateKey, context: Context) -> Newcomer:
    newcomer = read_newcomer(body)
    check_signature_hex(body.consent_evm, "body.consent_evm")
    holder = context.identifier(statement.iss)
    if holder is None:
        raise RuntimeError(f"{statement.iss} signed without being enrolled")  # step 3 saw to that
    check_purposes(newcomer.purposes, holder.kind)
    return newcomer


def _check_consent(
    body: AddKey | RotateKey,
    identifier: str,
    newcomer: Newcomer,
    context: Context,
    *,
    replaced: Algorithm | None = None,
) -> None:
    """As the registry contract asks for it: an account that ever had an ES256K key takes another one, or gives one
    away, by the word of an active one only."""
    domain, accounts = context.registry_domain, active_accounts(identifier, context)
    concerned = Algorithm.ES256K in (newcomer.key.algorithm, replaced)
    had_one = any(record.key.algorithm is Algorithm.ES256K for record in context.keys_of(identifier))
    if domain is None or not concerned or not had_one:
        if body.consent_evm is not None:
            raise refuse("consent.evm_unexpected", body.consent_evm)
        return
    if body.consent_evm is None:
        raise refuse("consent.evm_missing", "no consent_evm" if accounts else "no active ES256K key left to consent")
    digest = key_consent_digest(domain, account_id(identifier), newcomer.key.thumbprint, int(newcomer.purposes))
    check_word("consent.evm_signature", body.consent_evm, digest, accounts)
