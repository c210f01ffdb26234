"""``score``: proposals, comments, publications and withdrawals, as ``CreditScores`` is told of them (DOMAIN 49)."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from attestation.bodies.scores import CommentScore, ProposeScore, PublishScore, Score
from attestation.identifiers import account_id
from attestation.instants import parse_instant
from attestation.statements import Statement
from ledger.bodies import body_of
from ledger.chain.asset_intents import ProposeScoreIntent, PublishScoreIntent, WithdrawScoreIntent
from ledger.context import LedgerContext
from ledger.db.quota_models import ScoreCommentRow, ScoreRow
from ledger.effects.assets import tell_assets
from quota.scoring import Grade

_Scored = tuple[bytes, int, int, int, bytes, bytes]


def record_score(session: Session, context: LedgerContext, statement: Statement, body: Score, index: int) -> None:
    """Keep the step, and have the contract told; comments are the log's alone."""
    leaf_hash = statement.leaf_hash
    if isinstance(body, ProposeScore):
        _replace(context, body, index)
        context.quotas.add(_row(context, statement, body, index))
        until = parse_instant(body.comments_until)
        tell_assets(session, context, ProposeScoreIntent(leaf_hash, index, *_scored(body), until))
        return
    row = _proposed(context, body.score)
    if isinstance(body, CommentScore):
        context.quotas.add(
            ScoreCommentRow(
                entry_index=index,
                statement_id=statement.statement_id,
                score_index=row.entry_index,
                accepted_at=context.now,
            )
        )
        return
    if isinstance(body, PublishScore):
        earlier = context.quotas.said(row.enterprise, row.year, "published")
        if earlier is not None:
            earlier.replaced_index = index
        row.published_index = index
        proposal = proposal_of(context.entries.require(row.entry_index).entry)
        tell_assets(session, context, PublishScoreIntent(leaf_hash, index, *_scored(proposal)))
    else:
        row.withdrawn_index = index
        tell_assets(session, context, WithdrawScoreIntent(leaf_hash, index, account_id(row.enterprise), row.year))
    session.flush()


def proposal_of(entry: bytes) -> ProposeScore:
    """The body of a logged proposal. Raises LookupError for another entry."""
    body = score_of(entry)
    if not isinstance(body, ProposeScore):
        raise LookupError("the entry proposes no score")
    return body


def score_of(entry: bytes) -> Score:
    """The body of a logged step of a score."""
    # The decoder is that of the type, a union of its actions.
    union: Any = Score
    body: Score = body_of(entry, union)
    return body


def formula_hash(formula: str) -> bytes:
    """How a formula's version is named on chain: the SHA-256 of its text, 32 bytes."""
    return hashlib.sha256(formula.encode()).digest()


def _scored(body: ProposeScore) -> _Scored:
    points = 0 if body.points_bps is None else body.points_bps
    grade, root = Grade(body.grade).code, bytes.fromhex(body.input_root)
    return account_id(body.enterprise), body.year, points, grade, formula_hash(body.formula), root


def _replace(context: LedgerContext, body: ProposeScore, index: int) -> None:
    earlier = context.quotas.said(body.enterprise, body.year, "proposed")
    if earlier is not None:
        earlier.replaced_index = index


def _row(context: LedgerContext, statement: Statement, body: ProposeScore, index: int) -> ScoreRow:
    return ScoreRow(
        entry_index=index,
        statement_id=statement.statement_id,
        enterprise=body.enterprise,
        year=body.year,
        size=body.as_of.size,
        block=body.as_of.block,
        input_root=bytes.fromhex(body.input_root),
        points_bps=body.points_bps,
        grade=body.grade,
        comments_until=parse_instant(body.comments_until),
        proposed_at=context.now,
        replaced_index=None,
        published_index=None,
        withdrawn_index=None,
    )


def _proposed(context: LedgerContext, score: str) -> ScoreRow:
    row = context.quotas.score(bytes.fromhex(score))
    if row is None:
        raise LookupError(f"no score {score}")
    return row
