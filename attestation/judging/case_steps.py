"""Each step of a case to its judge (DOMAIN 42, 44, 45)."""

from __future__ import annotations

from attestation.bodies import (
    AssignmentAction,
    CaseStep,
    Determination,
    Finding,
    ObjectionAction,
    Plan,
    Registration,
    Verification,
)
from attestation.context import Context
from attestation.envelope import Statement
from attestation.judging.assignments import judge_assignment
from attestation.judging.common import Facts
from attestation.judging.findings import judge_finding
from attestation.judging.objections import judge_objection
from attestation.judging.plans import judge_plan
from attestation.judging.registered import judge_determination, judge_registration
from attestation.judging.verdicts import judge_verification


def judge_case_step(statement: Statement, body: CaseStep, context: Context) -> Facts:
    """Steps 9 to 12."""
    match body:
        case Plan():
            facts = judge_plan(statement, body, context)
        case AssignmentAction():
            facts = judge_assignment(statement, body, context)
        case Finding():
            facts = judge_finding(statement, body, context)
        case Verification():
            facts = judge_verification(statement, body, context)
        case ObjectionAction():
            facts = judge_objection(statement, body, context)
        case Registration():
            facts = judge_registration(statement, body, context)
        case Determination():
            facts = judge_determination(statement, body, context)
    return facts
