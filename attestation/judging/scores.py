"""``score``: proposed from the ledger's own facts, commented on, published or withdrawn (DOMAIN 49)."""

from __future__ import annotations

import msgspec

from attestation.bodies import FIRST_YEAR, LAST_YEAR, MAX_SEQ
from attestation.bodies.scores import (
    MOST_POINTS,
    SCORE_GRADES,
    CommentScore,
    ProposeScore,
    PublishScore,
    Score,
    WithdrawScore,
)
from attestation.context import Context
from attestation.envelope import Statement
from attestation.facts.quotas import ScoreFigure, ScoreRecord
from attestation.instants import format_instant, parse_instant
from attestation.judging.cases import check_digest, check_statement_id, check_words
from attestation.judging.common import (
    Facts,
    check_choice,
    check_integer,
    check_name,
    check_place,
    check_reason,
    check_time,
)
from attestation.judging.units import check_account, find_account
from attestation.keys import Kind
from attestation.refusals import refuse

COMMENT_WORKING_DAYS = 10
"""For the enterprise to comment before a score is published."""
UNRATED = "unrated"


def judge_score(statement: Statement, body: Score, context: Context) -> Facts:
    """Steps 9 to 12 of a score."""
    # 9: body schema, units, bounds
    if isinstance(body, ProposeScore):
        _check_proposal_form(body)
    else:
        check_statement_id(body.score, "body.score")
    if isinstance(body, CommentScore):
        check_words(body.text, "body.text")
    if isinstance(body, WithdrawScore):
        check_reason(body.reason, "body.reason")

    # 10: time
    check_time(statement, context)

    # 11: the proposal, its time, whose it is
    if isinstance(body, ProposeScore):
        find_account(body.enterprise, (Kind.ENTERPRISE,), "body.enterprise", context)
        _check_comment_time(body, context)
    elif isinstance(body, CommentScore):
        _check_comment(statement, body, context)
    elif isinstance(body, PublishScore):
        _check_publication(body, context)
    else:
        _check_withdrawal(body, context)
    gap = check_place(statement, context)

    # 12: recomputation from the ledger's own facts
    if isinstance(body, ProposeScore):
        _check_figures(body, context)
    return Facts(opens_gap=gap)


def _check_proposal_form(body: ProposeScore) -> None:
    check_account(body.enterprise, "body.enterprise")
    check_integer(body.year, FIRST_YEAR, LAST_YEAR, "body.year")
    check_name(body.formula, "body.formula")
    check_integer(body.as_of.size, 1, MAX_SEQ, "body.as_of.size")
    if body.as_of.block is not None:
        check_integer(body.as_of.block, 0, MAX_SEQ, "body.as_of.block")
    check_digest(body.input_root, "body.input_root")
    check_choice(body.grade, SCORE_GRADES, "body.grade")
    if body.points_bps is not None:
        check_integer(body.points_bps, 0, MOST_POINTS, "body.points_bps")
    if (body.points_bps is None) is not (body.grade == UNRATED):
        raise refuse("score.unrated", f"{body.grade}, points {_shown(body.points_bps)}")
    parse_instant(body.comments_until)


def _check_comment_time(body: ProposeScore, context: Context) -> None:
    """Step 11: ten working days or more (``score.comment_time``)."""
    earliest = context.calendar(body.year).after_working_days(context.now, COMMENT_WORKING_DAYS)
    if parse_instant(body.comments_until) < earliest:
        at = format_instant(earliest)
        raise refuse("score.comment_time", body.comments_until, f"{at} or later", expected_zh=f"不早于 {at}")


def _find(score: str, context: Context) -> ScoreRecord:
    """Step 11: a proposed score (``score.unknown``)."""
    record = context.score(bytes.fromhex(score))
    if record is None:
        raise refuse("score.unknown", score)
    return record


def _find_proposed(score: str, context: Context) -> ScoreRecord:
    """Step 11: a proposal that stands (``score.settled``)."""
    record = _find(score, context)
    if record.state != "proposed":
        raise refuse("score.settled", f"{score}: {record.state}")
    return record


def _check_comment(statement: Statement, body: CommentScore, context: Context) -> None:
    """Step 11: by whom it is about, in time (``score.enterprise``, ``score.comment_late``)."""
    record = _find_proposed(body.score, context)
    if statement.iss != record.enterprise:
        raise refuse("score.enterprise", statement.iss, record.enterprise)
    if context.now >= record.comments_until:
        until = format_instant(record.comments_until)
        raise refuse("score.comment_late", format_instant(context.now), f"before {until}", expected_zh=f"{until} 之前")


def _check_publication(body: PublishScore, context: Context) -> None:
    """Step 11: the comment time is over (``score.early``)."""
    record = _find_proposed(body.score, context)
    if context.now < record.comments_until:
        found, wanted = format_instant(context.now), format_instant(record.comments_until)
        raise refuse("score.early", found, f"from {wanted} on", expected_zh=f"自 {wanted} 起")


def _check_withdrawal(body: WithdrawScore, context: Context) -> None:
    """Step 11: what the contract would withdraw (``score.standing``)."""
    record = _find(body.score, context)
    standing = context.standing_score(record.enterprise, record.year)
    if standing is None or standing.statement_id != record.statement_id:
        wanted, wanted_zh = "no score stands", "没有现行有效的评价"
        if standing is not None:
            wanted = wanted_zh = standing.statement_id.hex()
        raise refuse("score.standing", f"{body.score}: {record.state}", wanted, expected_zh=wanted_zh)


def _check_figures(body: ProposeScore, context: Context) -> None:
    """Step 12: the ledger's facts as of the moment that is named give exactly this, and still do (``score.as_of``,
    ``.formula``, ``.root``, ``.inputs``, ``.points``, ``.outdated``)."""
    found = context.recompute_score(body.enterprise, body.year, body.as_of)
    if found is None:
        block = "" if body.as_of.block is None else f", block {body.as_of.block}"
        raise refuse("score.as_of", f"size {body.as_of.size}{block}")
    check_score(body, found)
    now = context.recompute_score(body.enterprise, body.year, None)
    if now is None or now.input_root != found.input_root:
        wanted, wanted_zh = ("nothing", "无") if now is None else (now.input_root, now.input_root)
        raise refuse("score.outdated", found.input_root, wanted, expected_zh=wanted_zh)


def check_score(body: ProposeScore, found: ScoreFigure) -> None:
    """That a proposal says what was recomputed. Raises RecomputationRefused (``score.formula``, ``.root``, ``.inputs``,
    ``.points``)."""
    if body.formula != found.formula:
        raise refuse("score.formula", body.formula, found.formula)
    if body.input_root != found.input_root:
        raise refuse("score.root", body.input_root, found.input_root)
    for name in sorted({*body.inputs, *found.inputs}):
        # As JSON: to Python `true` is 1, and what is logged has to recompute to the byte.
        if _as_json(body.inputs.get(name)) != _as_json(found.inputs.get(name)):
            told, wanted = (inputs.get(name, "not known") for inputs in (body.inputs, found.inputs))
            raise refuse("score.inputs", told, wanted, at=f"body.inputs.{name}")
    if (body.points_bps, body.grade) != (found.points_bps, found.grade):
        told = f"{_shown(body.points_bps)} {body.grade}"
        raise refuse("score.points", told, f"{_shown(found.points_bps)} {found.grade}")


def _as_json(value: object) -> bytes:
    return msgspec.json.encode(value, order="sorted")


def _shown(points: int | None) -> str:
    return "none" if points is None else str(points)
