"""``key``, ``enrol``: the registrar says who a new identifier is, with its first key."""

from __future__ import annotations

from attestation.bodies import EnrolKey, Subject
from attestation.context import Context
from attestation.envelope import Statement
from attestation.identifiers import parse_identifier
from attestation.judging.activation import check_form, check_needed, check_shown
from attestation.judging.common import Facts, check_choice, check_name, check_place, check_time
from attestation.judging.newcomers import Newcomer, check_purposes, check_unknown, new_key, read_newcomer
from attestation.judging.possession import check_proofs
from attestation.keys import Kind, Purpose
from attestation.refusals import refuse

__all__ = ["PARENTS_BY_KIND", "PARENT_REQUIRED", "judge_enrolment", "new_key"]

PARENTS_BY_KIND: dict[Kind, tuple[Kind, ...]] = {
    Kind.PARK: (),
    Kind.ENTERPRISE: (Kind.PARK,),
    Kind.DEVICE: (Kind.ENTERPRISE, Kind.PARK),
    Kind.VERIFIER: (),
    Kind.REGULATOR: (),
    Kind.PERSON: (Kind.PARK, Kind.ENTERPRISE, Kind.VERIFIER, Kind.REGULATOR),
}
"""Which kinds the parent of a kind may have."""

PARENT_REQUIRED = frozenset({Kind.DEVICE, Kind.PERSON})


def judge_enrolment(statement: Statement, body: EnrolKey, context: Context) -> Facts:
    """Steps 9 to 12 of an enrolment."""
    # 9: body schema, units, bounds
    subject, kind = body.subject, _check_subject(body.subject)
    newcomer = read_newcomer(body)
    check_purposes(newcomer.purposes, kind)
    shown = check_form(body)

    # 10: time
    check_time(statement, context)

    # 11: sequence: what the log already holds of this identifier, its parent and this key
    if context.next_index == 0:
        _check_first(subject, kind, newcomer, context)
    # Before all else: a code that is shown twice is the news, whoever shows it.
    check_shown(body, shown, context)
    known = context.identifier(subject.identifier)
    if known is not None:
        raise refuse("enrolment.known", f"{subject.identifier}, entry {known.enrolled_index}")
    check_needed(body, kind, context)
    _check_parent(subject, kind, context)
    check_unknown(newcomer.key, context)
    gap = check_place(statement, context)

    # 12: recomputation: possession
    check_proofs(body, subject.identifier, newcomer, context)
    return Facts(opens_gap=gap)


def _check_subject(subject: Subject) -> Kind:
    parse_identifier(subject.identifier, step=9)
    check_choice(subject.kind, tuple(kind.value for kind in Kind), "body.subject.kind")
    kind = Kind(subject.kind)
    if subject.group is not None:
        check_name(subject.group, "body.subject.group")
    if subject.parent is None:
        if kind in PARENT_REQUIRED:
            raise refuse("subject.parent", "no parent", f"a parent for kind {kind.value}")
        return kind
    parse_identifier(subject.parent, step=9)
    if not PARENTS_BY_KIND[kind] or subject.parent == subject.identifier:
        raise refuse("subject.parent", subject.parent, f"no such parent for {kind.value} {subject.identifier}")
    return kind


def _check_first(subject: Subject, kind: Kind, newcomer: Newcomer, context: Context) -> None:
    root = (context.registrar_identifier, Kind.PARK, context.registrar)
    if (subject.identifier, kind, newcomer.key) != root or Purpose.ADMINISTRATION not in newcomer.purposes:
        purposes = ", ".join(newcomer.purposes.names())
        found = f"{newcomer.key.kid_name} of {kind.value} {subject.identifier} for {purposes}"
        raise refuse("enrolment.first", found)


def _check_parent(subject: Subject, kind: Kind, context: Context) -> None:
    if subject.parent is None:
        return
    parent = context.identifier(subject.parent)
    if parent is None:
        raise refuse("subject.parent_unknown", subject.parent)
    if parent.kind not in PARENTS_BY_KIND[kind]:
        allowed = " or ".join(allowed.value for allowed in PARENTS_BY_KIND[kind])
        raise refuse("subject.parent_kind", f"{parent.kind.value} {subject.parent}", allowed)
