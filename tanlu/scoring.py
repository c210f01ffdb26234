"""Credit scores proposed from the ledger's own facts, and recomputed against what was proposed (DOMAIN 49)."""

from __future__ import annotations

from attestation.bodies import ProposeScore, ScoreAsOf
from attestation.errors import AttestationError
from attestation.instants import format_instant
from attestation.judging.scores import COMMENT_WORKING_DAYS, check_score
from attestation.policies import Calendar
from ledger.answers.quotas import score_figure
from ledger.scores import to_statement
from quota.scoring import Score, score_bytes
from tanlu.client.scores import ScoreFacts
from tanlu.errors import InputRefused

SLACK_SECONDS = 60
"""Between the signature and its acceptance; of a compressed calendar at most a day."""


CONTRACT_SECONDS = 11 * 86_400
"""The contract takes no proposal whose comments end within ten days of its own clock, whatever the calendar; a day for
the entry to reach it."""


def comments_until(calendar: Calendar, now: int, *, on_chain: bool) -> int:
    """When the comment time of a score that is proposed at about ``now`` ends (unix seconds). ``on_chain``: the
    deployment has the contract of scores, to which a compressed calendar's days are too short."""
    slack = min(SLACK_SECONDS, calendar.day_seconds)
    by_calendar = calendar.after_working_days(now + slack, COMMENT_WORKING_DAYS)
    return max(by_calendar, now + CONTRACT_SECONDS) if on_chain else by_calendar


def build_proposal(facts: ScoreFacts, until: int) -> ProposeScore:
    """The body that proposes what the facts give; ``until`` in unix seconds. Raises QuotaError for facts whose numbers
    do not follow from their inputs."""
    computed = facts.computed
    figure = score_figure(computed.inputs, to_statement(computed.inputs))
    return ProposeScore(
        enterprise=computed.inputs.identifier,
        year=computed.inputs.year,
        formula=figure.formula,
        as_of=ScoreAsOf(size=facts.size, block=facts.block),
        inputs=dict(figure.inputs),
        input_root=figure.input_root,
        points_bps=figure.points_bps,
        grade=figure.grade,
        comments_until=format_instant(until),
    )


def recompute(body: ProposeScore, facts: ScoreFacts) -> tuple[Score, bytes]:
    """The score that the facts of the proposal's own moment give, and its canonical bytes.

    Raises InputRefused (``score.as_of`` for facts of another moment; ``score.formula``, ``score.root``,
    ``score.inputs``, ``score.points``) where the proposal says something else.
    """
    if (facts.size, facts.block) != (body.as_of.size, body.as_of.block):
        found, wanted = f"{facts.size}, {facts.block}", f"{body.as_of.size}, {body.as_of.block}"
        raise _differs("score.as_of", found, wanted)
    computed = facts.computed
    if (computed.inputs.identifier, computed.inputs.year) != (body.enterprise, body.year):
        raise _differs("score.inputs", f"{computed.inputs.identifier} {computed.inputs.year}", body.enterprise)
    try:
        check_score(body, score_figure(computed.inputs, to_statement(computed.inputs)))
    except AttestationError as refused:
        raise _differs(refused.rule, refused.value, refused.expected) from refused
    return computed, score_bytes(computed)


def _differs(rule: str, value: str, expected: str, expected_zh: str = "") -> InputRefused:
    return InputRefused(
        rule=rule,
        value=value,
        expected=expected,
        expected_zh=expected_zh or expected,
        message="The logged score is not what the ledger's own facts give",
        message_zh="入账的评分与账本事实重算结果不符",
    )
