"""The credit score of an enterprise's year (DOMAIN 49, 50): from ledger facts alone, recomputable by anyone."""

from __future__ import annotations

from quota.scoring.documents import (
    inputs_root,
    read_score,
    read_score_inputs,
    score_bytes,
    score_inputs_to_document,
    score_to_document,
)
from quota.scoring.inputs import (
    AccuracyFact,
    BackingFact,
    ComplianceFact,
    DeadlineFact,
    EfficiencyFact,
    ScoreInputs,
)
from quota.scoring.parts import Part
from quota.scoring.score import COMMENT_WORKING_DAYS, FORMULA, GRADES, Grade, Score, grade_of, score

__all__ = [
    "COMMENT_WORKING_DAYS",
    "FORMULA",
    "GRADES",
    "AccuracyFact",
    "BackingFact",
    "ComplianceFact",
    "DeadlineFact",
    "EfficiencyFact",
    "Grade",
    "Part",
    "Score",
    "ScoreInputs",
    "grade_of",
    "inputs_root",
    "read_score",
    "read_score_inputs",
    "score",
    "score_bytes",
    "score_inputs_to_document",
    "score_to_document",
]
