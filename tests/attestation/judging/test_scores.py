"""Credit scores: from the ledger's own facts, open for comment, published as proposed (DOMAIN 49)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from attestation.bodies import CommentScore, ProposeScore, PublishScore, ScoreAsOf, WithdrawScore
from attestation.errors import RecomputationRefused
from attestation.facts.quotas import ScoreFigure
from attestation.instants import format_instant

STEEL, TILES = "88.608.5290/steel", "88.608.5291/tiles"
FIGURE = ScoreFigure("tanlu-score@1", {"identifier": STEEL, "year": 2023, "deadlines": []}, "ab" * 32, 9_250, "A+")
UNRATED = ScoreFigure("tanlu-score@1", {"identifier": STEEL, "year": 2023, "deadlines": []}, "cd" * 32, None, "unrated")


@pytest.fixture
def rated(units):
    """The ledger's facts give `FIGURE` for `STEEL`."""
    units.log.figures[STEEL, units.year] = FIGURE
    return units


def proposal(units, **changed: object) -> ProposeScore:
    until = units.log.calendar(units.year).after_working_days(units.log.now, 10)
    given = {"enterprise": STEEL, "year": units.year, "formula": FIGURE.formula}
    given |= {"as_of": ScoreAsOf(size=units.log.next_index), "inputs": dict(FIGURE.inputs)}
    given |= {"input_root": FIGURE.input_root, "points_bps": FIGURE.points_bps, "grade": FIGURE.grade}
    return ProposeScore(**(given | {"comments_until": format_instant(until)} | changed))


def named(accepted) -> str:
    return accepted.statement_id.hex()


def test_a_score_is_proposed_commented_on_and_published(rated, world) -> None:
    """DOMAIN 49: ten working days for comments, then the very same score."""
    body = proposal(rated)
    score = named(rated.rate(body))
    rated.rate(CommentScore(score=score, text="The report was in time.\n报告按时提交。"), iss=STEEL)
    with world.refused("score.early", 11):
        rated.rate(PublishScore(score=score))
    rated.log.now = rated.log.score(bytes.fromhex(score)).comments_until
    with world.refused("score.comment_late", 11):
        rated.rate(CommentScore(score=score, text="too late"), iss=STEEL)
    rated.rate(PublishScore(score=score))
    assert rated.log.score(bytes.fromhex(score)).state == "published"
    with world.refused("score.settled", 11, "published"):
        rated.rate(PublishScore(score=score))


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"input_root": "cd" * 32}, "score.root"),
        ({"points_bps": 9_251}, "score.points"),
        ({"grade": "A"}, "score.points"),
        ({"formula": "tanlu-score@2"}, "score.formula"),
        ({"inputs": {"identifier": STEEL, "year": 2023}}, "score.inputs"),
        ({"inputs": dict(FIGURE.inputs) | {"backing": {"device": "1", "total": "1"}}}, "score.inputs"),
        ({"as_of": ScoreAsOf(size=10_000)}, "score.as_of"),
    ],
)
def test_another_root_number_or_fact_than_the_ledgers_is_refused(
    rated, world, changed: dict[str, object], rule: str
) -> None:
    with world.refused(rule, 12):
        rated.rate(proposal(rated, **changed))


@pytest.mark.parametrize("told", [1, {"determined": 1}, "true"])
def test_a_fact_is_said_in_the_very_spelling_that_recomputes(units, told: object) -> None:
    """To Python `true` is 1; what is logged has to give the same bytes again."""
    facts = dict(FIGURE.inputs) | {"accuracy": {"determined": True}}
    units.log.figures[STEEL, units.year] = replace(FIGURE, inputs=facts)
    with pytest.raises(RecomputationRefused, match=r"score\.inputs"):
        units.rate(proposal(units, inputs=facts | {"accuracy": told}))
    units.rate(proposal(units, inputs=facts))


def test_a_score_that_facts_have_overtaken_is_refused(rated, world) -> None:
    body = proposal(rated)
    rated.log.changed[STEEL, rated.year] = UNRATED
    with world.refused("score.outdated", 12, FIGURE.input_root):
        rated.rate(body)


def test_without_history_a_score_is_unrated_and_has_no_points(units, world) -> None:
    units.log.figures[STEEL, units.year] = UNRATED
    given = {"input_root": UNRATED.input_root, "grade": "unrated"}
    with world.refused("score.unrated", 9):
        units.rate(proposal(units, **given))
    with world.refused("score.unrated", 9):
        units.rate(proposal(units, points_bps=None))
    units.rate(proposal(units, points_bps=None, **given))


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"year": 1989}, "body.integer", 9),
        ({"points_bps": 10_001}, "body.integer", 9),
        ({"as_of": ScoreAsOf(size=0)}, "body.integer", 9),
        ({"as_of": ScoreAsOf(size=1, block=-1)}, "body.integer", 9),
        ({"grade": "E"}, "body.choice", 9),
        ({"formula": " "}, "body.name", 9),
        ({"input_root": "x"}, "bytes32.format", 9),
        ({"comments_until": "soon"}, "instant.format", 9),
        ({"comments_until": "2024-05-02T00:00:00Z"}, "score.comment_time", 11),
        ({"enterprise": "88.608.5399/nobody"}, "account.unknown", 11),
    ],
)
def test_a_proposal_has_a_form_and_a_comment_time(
    rated, world, changed: dict[str, object], rule: str, step: int
) -> None:
    with world.refused(rule, step):
        rated.rate(proposal(rated, **changed))


def test_only_the_enterprise_comments_and_only_the_registrar_does_the_rest(rated, world) -> None:
    score = named(rated.rate(proposal(rated)))
    for iss in (TILES, world.PARK):
        with world.refused("score.enterprise", 11, iss):
            rated.rate(CommentScore(score=score, text="x"), iss=iss)
    for body in (proposal(rated), PublishScore(score=score), WithdrawScore(score=score, reason="x")):
        with world.refused("purpose.registrar", 8):
            rated.rate(body, iss=STEEL)
    with world.refused("score.unknown", 11):
        rated.rate(CommentScore(score="ab" * 32, text="x"), iss=STEEL)
    with world.refused("body.words", 9):
        rated.rate(CommentScore(score=score, text=" "), iss=STEEL)
    with world.refused("statement_id.format", 9):
        rated.rate(PublishScore(score="xx"))


def test_a_later_proposal_takes_the_place_of_the_one_that_stands(rated, world) -> None:
    first, second = (named(rated.rate(proposal(rated))) for _ in range(2))
    with world.refused("score.settled", 11, "replaced"):
        rated.rate(CommentScore(score=first, text="x"), iss=STEEL)
    with world.refused("score.standing", 11, "replaced"):
        rated.rate(WithdrawScore(score=first, reason="wrong one"))
    rated.rate(WithdrawScore(score=second, reason="a figure is about to be amended"))
    with world.refused("score.standing", 11, "withdrawn"):
        rated.rate(WithdrawScore(score=second, reason="again"))


def test_a_proposal_goes_before_the_published_score_is_withdrawn(rated, world) -> None:
    """As the contract does it."""
    first = named(rated.rate(proposal(rated)))
    rated.log.now = rated.log.score(bytes.fromhex(first)).comments_until
    rated.rate(PublishScore(score=first))
    second = named(rated.rate(proposal(rated)))
    with world.refused("score.standing", 11, "published"):
        rated.rate(WithdrawScore(score=first, reason="x"))
    rated.rate(WithdrawScore(score=second, reason="x"))
    rated.rate(WithdrawScore(score=first, reason="x"))
    assert rated.log.standing_score(STEEL, rated.year) is None
    with world.refused("body.reason", 9):
        rated.rate(replace(WithdrawScore(score=first, reason="x"), reason=""))
