"""``key``: each action to its judge."""

from __future__ import annotations

from attestation.bodies import (
    AddKey,
    CompleteRecovery,
    CompromiseKey,
    EnrolKey,
    Key,
    ProposeRecovery,
    RevokeKey,
    RotateKey,
    VetoRecovery,
)
from attestation.context import Context, KeyRecord
from attestation.envelope import Statement
from attestation.errors import AttestationError
from attestation.judging.common import Facts
from attestation.judging.enrolment import judge_enrolment
from attestation.judging.key_life import (
    check_revoker,
    judge_addition,
    judge_compromise,
    judge_revocation,
    judge_rotation,
)
from attestation.judging.recovery import judge_completion, judge_proposal, judge_veto
from attestation.powers import check_key_powers


def check_action(statement: Statement, signer: KeyRecord, context: Context) -> None:
    """Step 8: whether the signer's key may do this. A body of no action has no powers to ask for; step 9 refuses it."""
    body = statement.content
    if isinstance(body, AttestationError) or not isinstance(body, Key):
        return
    root = (context.registrar_identifier, context.registrar.kid_name)
    check_key_powers(body, statement.iss, statement.kid_key, signer.purposes, root)
    if isinstance(body, RevokeKey):
        check_revoker(statement, body, signer, context)


def judge_action(statement: Statement, body: Key, signer: KeyRecord, context: Context) -> Facts:
    """Steps 9 to 12."""
    match body:
        case EnrolKey():
            facts = judge_enrolment(statement, body, context)
        case AddKey():
            facts = judge_addition(statement, body, signer, context)
        case RotateKey():
            facts = judge_rotation(statement, body, signer, context)
        case RevokeKey():
            facts = judge_revocation(statement, body, context)
        case CompromiseKey():
            facts = judge_compromise(statement, body, context)
        case ProposeRecovery():
            facts = judge_proposal(statement, body, context)
        case VetoRecovery():
            facts = judge_veto(statement, body, context)
        case CompleteRecovery():
            facts = judge_completion(statement, body, context)
    return facts
