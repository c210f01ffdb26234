"""A score as JSON: what its certificate carries, in and out (docs/quota.md, section 6).

Tonnes are strings of whole numbers; basis points, days, years and levels are numbers. `inputs_root` is the SHA-256 of
the canonical JSON of {"formula", "inputs"} with deadlines by their names.
"""

from __future__ import annotations

from quota.canonical import canonical_bytes, root_of
from quota.reading import Member
from quota.refusals import refuse
from quota.scoring.inputs import (
    FIRST_YEAR,
    LAST_YEAR,
    LEVELS,
    MOST_DAYS,
    AccuracyFact,
    BackingFact,
    ComplianceFact,
    DeadlineFact,
    EfficiencyFact,
    ScoreInputs,
)
from quota.scoring.score import FORMULA, Score, score

VERSION = 1
MOST_DEADLINES = 1_000

_INPUTS = ("identifier", "year", "deadlines", "accuracy", "backing", "compliance", "efficiency")
_RESULT = ("inputs_root", "parts", "points_bps", "grade")


def score_inputs_to_document(inputs: ScoreInputs) -> dict[str, object]:
    """{"identifier", "year", "deadlines", "accuracy", "backing", "compliance", "efficiency"}; null: not known."""
    accuracy, backing, compliance = inputs.accuracy, inputs.backing, inputs.compliance
    efficiency = inputs.efficiency
    return {
        "identifier": inputs.identifier,
        "year": inputs.year,
        "deadlines": [{"name": one.name, "late_days": one.late_days} for one in inputs.deadlines],
        "accuracy": accuracy
        and {
            "reported": str(accuracy.reported),
            "verified": str(accuracy.verified),
            "determined": accuracy.determined,
        },
        "backing": backing and {"device": str(backing.device), "total": str(backing.total)},
        "compliance": compliance
        and {
            "obligation": str(compliance.obligation),
            "in_time": str(compliance.in_time),
            "late": str(compliance.late),
        },
        "efficiency": efficiency
        and {
            "level": efficiency.level,
            "k_e4": str(efficiency.k_e4),
            "previous_k_e4": None if efficiency.previous_k_e4 is None else str(efficiency.previous_k_e4),
        },
    }


def inputs_root(inputs: ScoreInputs) -> str:
    """SHA-256 of formula and inputs, 64 hexadecimal digits."""
    return root_of({"formula": FORMULA, "inputs": score_inputs_to_document(inputs)})


def score_to_document(of: Score) -> dict[str, object]:
    """{"v", "formula", "inputs", "inputs_root", "parts", "points_bps", "grade"}."""
    inputs = score_inputs_to_document(of.inputs)
    return {"v": VERSION, "formula": FORMULA, "inputs": inputs, **_result(of)}


def score_bytes(of: Score) -> bytes:
    """The canonical bytes of the document: the same inputs give the same bytes."""
    return canonical_bytes(score_to_document(of))


def read_score_inputs(document: object) -> ScoreInputs:
    """The inputs of a document of inputs. Raises ScoreRefused."""
    return _read_inputs(_member(document))


def read_score(document: object) -> Score:
    """The score of a document, recomputed from its inputs.

    Raises ScoreRefused: the rules of form, `score.formula`, `score.root`, `score.result` at the member that differs.
    """
    members = _member(document).members(("v", "formula", "inputs", *_RESULT))
    members["v"].constant(VERSION)
    if members["formula"].value != FORMULA:
        raise refuse("score.formula", members["formula"].value, FORMULA, at="formula")
    computed = score(_read_inputs(members["inputs"]))
    for name, value in _result(computed).items():
        claimed = members[name].value
        if canonical_differs(claimed, value):
            raise refuse("score.root" if name == "inputs_root" else "score.result", claimed, value, at=name)
    return computed


def canonical_differs(claimed: object, value: object) -> bool:
    """Whether two documents differ in type or value: 1 is not true, nor 1.0."""
    try:
        return canonical_bytes(claimed) != canonical_bytes(value)
    except ValueError:
        return True


def _result(of: Score) -> dict[str, object]:
    return {
        "inputs_root": inputs_root(of.inputs),
        "parts": [
            {"name": part.name, "weight_bps": part.weight_bps, "points_bps": part.points_bps} for part in of.parts
        ],
        "points_bps": of.points_bps,
        "grade": of.grade.value,
    }


def _read_inputs(member: Member) -> ScoreInputs:
    members = member.members(_INPUTS)
    return ScoreInputs(
        identifier=members["identifier"].text(),
        year=members["year"].integer(FIRST_YEAR, LAST_YEAR),
        deadlines=tuple(_read_deadline(one) for one in members["deadlines"].items(MOST_DEADLINES)),
        accuracy=_read_accuracy(members["accuracy"]),
        backing=_read_backing(members["backing"]),
        compliance=_read_compliance(members["compliance"]),
        efficiency=_read_efficiency(members["efficiency"]),
    )


def _read_deadline(member: Member) -> DeadlineFact:
    members = member.members(("name", "late_days"))
    late = members["late_days"]
    return DeadlineFact(members["name"].text(), None if late.value is None else late.integer(0, MOST_DAYS))


def _read_accuracy(member: Member) -> AccuracyFact | None:
    if member.value is None:
        return None
    members = member.members(("reported", "verified", "determined"))
    return AccuracyFact(members["reported"].units(), members["verified"].units(), members["determined"].flag())


def _read_backing(member: Member) -> BackingFact | None:
    if member.value is None:
        return None
    members = member.members(("device", "total"))
    return BackingFact(members["device"].units(), members["total"].units())


def _read_compliance(member: Member) -> ComplianceFact | None:
    if member.value is None:
        return None
    members = member.members(("obligation", "in_time", "late"))
    return ComplianceFact(members["obligation"].units(), members["in_time"].units(), members["late"].units())


def _read_efficiency(member: Member) -> EfficiencyFact | None:
    if member.value is None:
        return None
    members = member.members(("level", "k_e4", "previous_k_e4"))
    before = members["previous_k_e4"]
    return EfficiencyFact(
        members["level"].integer(1, LEVELS),
        members["k_e4"].units(),
        None if before.value is None else before.units(),
    )


def _member(document: object) -> Member:
    return Member(document, "", "score.input", "score.input")
