"""What an accepted entry establishes: a key, a policy, a report. Written in the transaction that accepts it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from attestation.judging.enrolment import new_key
from attestation.keys import Algorithm, Kind, Purpose
from attestation.statements import EnrolKey, Key, Policy, Report, Statement
from ledger.chain import outbox
from ledger.chain.intents import EnrolIntent
from ledger.context import OBLIGATION_BASE, LedgerContext
from ledger.db.log_models import IdentifierRow, KeyRow, ReportRow
from ledger.db.log_models import Policy as PolicyRow

# The contract's numbers of the kinds and algorithms (docs/contracts.md, IdentifierRegistry).
_KIND_NUMBERS = {
    Kind.PARK: 1,
    Kind.ENTERPRISE: 2,
    Kind.DEVICE: 3,
    Kind.VERIFIER: 4,
    Kind.REGULATOR: 5,
    Kind.PERSON: 6,
}
_ALGORITHM_NUMBERS = {Algorithm.ED25519: 1, Algorithm.ES256K: 2, Algorithm.ES256: 3}


def apply(session: Session, context: LedgerContext, statement: Statement, index: int) -> None:
    """Write what the entry at ``index`` establishes. Readings and closes establish nothing beyond their own row."""
    body = statement.body
    if isinstance(body, EnrolKey):
        context.flush()
        _enrol(session, context, statement, body, index)
    elif isinstance(body, Key):
        # Better no entry than one whose effect nobody wrote down.
        raise RuntimeError(f"key action {body.action} has no tables yet")
    elif isinstance(body, Policy):
        context.flush()
        year = body.document.get("year") if body.policy == OBLIGATION_BASE else None
        context.identities.add(
            PolicyRow(
                policy=body.policy,
                policy_id=body.id,
                version=body.version,
                entry_index=index,
                effective_from=body.effective_from,
                year=year,
                document=body.document,
            )
        )
    elif isinstance(body, Report):
        context.flush()
        _report(context, statement, body, index)


def _enrol(session: Session, context: LedgerContext, statement: Statement, body: EnrolKey, index: int) -> None:
    subject, key = body.subject, new_key(body.key.jwk)
    purposes = Purpose.parse(body.key.purposes)
    if context.identities.identifier(subject.identifier) is None:
        context.identities.add(
            IdentifierRow(
                identifier=subject.identifier,
                kind=subject.kind,
                parent=subject.parent,
                group=subject.group,
                enrolled_index=index,
            )
        )
    context.identities.add(
        KeyRow(
            thumbprint=key.kid_name,
            identifier=subject.identifier,
            algorithm=key.algorithm.value,
            raw=key.raw,
            purposes=int(purposes),
            activated_index=index,
            revoked_index=None,
        )
    )
    if context.registry_domain is not None:
        intent = EnrolIntent(
            identifier=subject.identifier,
            kind=_KIND_NUMBERS[Kind(subject.kind)],
            parent=subject.parent,
            group=subject.group,
            algorithm=_ALGORITHM_NUMBERS[key.algorithm],
            purposes=int(purposes),
            public_key=key.on_chain,
            leaf_hash=statement.leaf_hash,
            log_index=index,
            **({"possession": bytes.fromhex(body.possession_evm[2:])} if body.possession_evm else {}),
        )
        outbox.enqueue_enrol(session, context.parameters.deployment_id, intent, now=context.now)


def _report(context: LedgerContext, statement: Statement, body: Report, index: int) -> None:
    entry = context.entries.require(index)
    if entry.period_start is None or entry.period_end is None:
        raise RuntimeError(f"report entry {index} was taken in without its period")
    if body.supersedes is not None:
        earlier = context.identities.report(bytes.fromhex(body.supersedes))
        if earlier is not None:
            earlier.superseded_by = index
    context.identities.add(
        ReportRow(
            entry_index=index,
            stream_id=entry.stream_id,
            statement_id=statement.statement_id,
            year=body.year,
            period_start=entry.period_start,
            period_end=entry.period_end,
            superseded_by=None,
        )
    )
