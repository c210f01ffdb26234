"""``key``, ``propose-recovery``, ``veto-recovery`` and ``complete-recovery``: a new key for who lost one.

Two persons of different bodies approve, everybody can see it, the holder has a delay to object, and only then does
the new key sign (law 7).
"""

from __future__ import annotations

import re

from attestation.bodies import STATEMENT_ID_PATTERN, CompleteRecovery, ProposeRecovery, VetoRecovery
from attestation.context import Context, RecoveryOnChain, RecoveryRecord
from attestation.envelope import Statement
from attestation.identifiers import account_id, parse_identifier
from attestation.judging.approvals import check_approvals, check_form
from attestation.judging.common import Facts, check_place, check_reason, check_time
from attestation.judging.newcomers import (
    check_purposes,
    check_signature_hex,
    check_thumbprint,
    check_unknown,
    read_newcomer,
)
from attestation.judging.positions import active_accounts, find_changeable
from attestation.judging.possession import check_proofs
from attestation.judging.words import check_word
from attestation.refusals import refuse
from attestation.typed_data import recovery_approval_digest, recovery_veto_digest

READING_SHARE = 100
"""A completion waits this part of the delay longer than the contract takes vetoes."""
_STATEMENT_ID = re.compile(STATEMENT_ID_PATTERN)


def judge_proposal(statement: Statement, body: ProposeRecovery, context: Context) -> Facts:
    """Steps 9 to 12 of a proposed recovery."""
    # 9: body schema, units, bounds
    parse_identifier(body.subject, step=9)
    check_thumbprint(body.replaces, "body.replaces")
    newcomer = read_newcomer(body)
    check_reason(body.reason, "body.reason")
    check_form(body.approvals)
    subject = context.identifier(body.subject)
    if subject is not None:
        check_purposes(newcomer.purposes, subject.kind)

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of both keys
    domain = context.registry_domain
    if domain is None:
        raise refuse("recovery.no_registry", body.subject)
    if subject is None:
        raise refuse("recovery.subject", body.subject)
    replaced = find_changeable(body.subject, body.replaces, context)
    if newcomer.purposes != replaced.purposes:
        raise refuse("recovery.purposes", ", ".join(newcomer.purposes.names()), ", ".join(replaced.purposes.names()))
    check_unknown(newcomer.key, context)
    gap = check_place(statement, context)

    # 12: recomputation: possession and approvals
    check_proofs(body, body.subject, newcomer, context)
    digest = recovery_approval_digest(
        domain,
        account_id(body.subject),
        replaced.key.thumbprint,
        newcomer.key.thumbprint,
        int(newcomer.purposes),
        body.reason,
    )
    check_approvals(body.approvals, digest, context)
    return Facts(opens_gap=gap)


def judge_veto(statement: Statement, body: VetoRecovery, context: Context) -> Facts:
    """Steps 9 to 12 of the holder's veto."""
    # 9: body schema, units, bounds
    _check_proposal_form(body.proposal)
    check_signature_hex(body.veto_evm, "body.veto_evm")

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of the proposal
    proposal = _find_pending(body.proposal, context)
    if proposal.subject != statement.iss:
        raise refuse("recovery.veto_subject", statement.iss, proposal.subject)
    gap = check_place(statement, context)

    # 12: recomputation: the word for the registry contract
    if body.veto_evm is not None:
        if context.registry_domain is None:
            raise refuse("veto.evm_unexpected", body.veto_evm)
        digest = recovery_veto_digest(context.registry_domain, account_id(statement.iss), proposal.key.thumbprint)
        check_word("veto.evm_signature", body.veto_evm, digest, active_accounts(statement.iss, context))
    return Facts(opens_gap=gap)


def judge_completion(statement: Statement, body: CompleteRecovery, context: Context) -> Facts:
    """Steps 9 to 12 of a recovery that takes effect."""
    # 9: body schema, units, bounds
    _check_proposal_form(body.proposal)
    parse_identifier(body.subject, step=9)
    check_thumbprint(body.replaces, "body.replaces")
    newcomer = read_newcomer(body)

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of the proposal, and that the holder had the time to object
    proposal = _find_pending(body.proposal, context)
    for name, found, proposed in (
        ("subject", body.subject, proposal.subject),
        ("replaces", body.replaces, proposal.replaces),
        ("key.jwk", newcomer.key.kid_name, proposal.key.kid_name),
        ("key.purposes", ", ".join(newcomer.purposes.names()), ", ".join(proposal.purposes.names())),
    ):
        if found != proposed:
            raise refuse("recovery.content", found, proposed, at=f"body.{name}")
    _check_time_to_object(body.proposal, proposal, context)
    gap = check_place(statement, context)

    # 12: recomputation: possession
    check_proofs(body, body.subject, newcomer, context)
    return Facts(opens_gap=gap)


def _check_time_to_object(statement_id: str, proposal: RecoveryRecord, context: Context) -> None:
    """The contract's word counts beside the log's: a holder whom the service does not let in can veto there."""
    on_chain = context.recovery_on_chain(proposal.key.kid_name)
    if on_chain is None:
        raise refuse("recovery.not_on_chain", statement_id)
    if on_chain.withdrawn:
        raise refuse("recovery.state", f"vetoed on chain {statement_id}", "a pending recovery")
    ready = ready_at(proposal, on_chain, context.recovery_delay)
    if context.now < ready:
        raise refuse("recovery.early", context.now, f"at {ready} or later")
    # Who reads the chain may have stopped for a while: a veto of these days would not be known.
    unread = on_chain.ready_at + context.recovery_delay // READING_SHARE
    if on_chain.read_at is not None and on_chain.read_at < unread:
        raise refuse("recovery.early", f"the chain read at {on_chain.read_at}", f"read at {unread} or later")


def ready_at(proposal: RecoveryRecord, on_chain: RecoveryOnChain | None, delay: int) -> int:
    """When a recovery may be completed at the earliest, in Unix seconds; ``delay`` is the log's. Without ``on_chain``:
    not before then, whatever the contract will say."""
    logged = proposal.proposed_at + delay
    # A veto in the contract's last second is on chain, but read only a little later.
    return (logged if on_chain is None else max(logged, on_chain.ready_at)) + delay // READING_SHARE


def _check_proposal_form(proposal: str) -> None:
    if _STATEMENT_ID.fullmatch(proposal) is None:
        raise refuse("statement_id.format", proposal, at="body.proposal")


def _find_pending(proposal: str, context: Context) -> RecoveryRecord:
    record = context.recovery(bytes.fromhex(proposal))
    if record is None:
        raise refuse("recovery.unknown", proposal)
    if record.state != "pending":
        raise refuse("recovery.state", f"{record.state} {proposal}", "a pending recovery")
    return record
