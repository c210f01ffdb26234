"""Facts of a credit score out of the log, as of any moment of it (DOMAIN 49)."""

from __future__ import annotations

import pytest

from attestation.bodies import Policy
from attestation.instants import parse_instant
from ledger.db.base import Database
from ledger.score_views import ScoreReader
from ledger.scores import Moment, known_members
from quota.scoring import ScoreInputs, score, score_bytes
from tests.ledger.case_desk import YEAR, Desk
from tests.ledger.log.conftest import ENTERPRISE, PARK

DAY = 86_400
DEADLINE = parse_instant("2024-03-31T16:00:00Z")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk.open(database)


def reader(desk: Desk) -> ScoreReader:
    return ScoreReader(desk.database, desk.parameters)


def size(desk: Desk) -> int:
    return desk.view().size()


def facts(desk: Desk, at: int | None = None) -> ScoreInputs:
    found = reader(desk).facts(ENTERPRISE, YEAR, None if at is None else Moment(at, None))
    assert found is not None
    return found.inputs


def late(desk: Desk) -> dict[str, int | None]:
    return {one.name: one.late_days for one in facts(desk).deadlines}


def tick(desk: Desk) -> None:
    """Another entry, of nobody's business: the log's own time goes on."""
    desk.publish("rules", {"year": YEAR + 5}, version=str(size(desk)))


def test_nothing_is_known_of_who_did_nothing(desk: Desk) -> None:
    found = facts(desk)
    assert found == ScoreInputs(ENTERPRISE, YEAR)
    assert score(found).grade.value == "unrated"


@pytest.mark.parametrize(("after", "days"), [(-1, 0), (0, 1), (DAY - 1, 1), (DAY, 2), (10 * DAY, 11)])
def test_a_report_is_late_by_the_days_after_its_deadline(desk: Desk, after: int, days: int) -> None:
    """DOMAIN 11: in time is what came before the instant."""
    desk.clock.now = DEADLINE + after
    desk.report()
    assert late(desk) == {"report": days}


def test_a_deadline_that_is_over_counts_once_the_log_has_passed_it(desk: Desk) -> None:
    desk.publish("coverage-list", {"year": YEAR, "entries": [{"identifier": ENTERPRISE, "obliged": True}]})
    assert late(desk) == {}
    desk.clock.now = DEADLINE
    assert late(desk) == {}, "no clock decides: the log has not passed it"
    tick(desk)
    assert late(desk) == {"report": None}


def test_a_later_revision_does_not_make_a_report_late_and_findings_have_days_of_their_own(desk: Desk) -> None:
    """DOMAIN 44: five working days; an observation asks for nothing."""
    report = desk.report()
    desk.appoint()
    desk.find(report, "observation")
    finding = desk.find(report)
    tick(desk)
    assert late(desk) == {"report": 0}
    desk.clock.now += 30 * DAY
    desk.report("9.00", supersedes=report.ref.statement_id.hex(), reason="counted twice")
    found = late(desk)
    assert found["report"] == 0
    assert found[f"correction-{finding.ref.index}"] == 23


def test_a_registered_report_gives_accuracy_backing_and_efficiency(desk: Desk) -> None:
    report = desk.report()
    desk.appoint()
    verdict = desk.verify(report)
    assert facts(desk).accuracy is None, "nothing is registered"
    desk.register(verdict)
    desk.label(report)
    found = facts(desk)
    assert found.accuracy is not None
    tonnes = desk.reported.totals.obligation_tonnes
    assert (found.accuracy.reported, found.accuracy.verified, found.accuracy.determined) == (tonnes, tonnes, False)
    assert found.backing is not None
    assert found.backing.device == 0, "the report states its coal, no reading says so"
    assert found.backing.total == sum(int(line.emissions.replace(".", "")) for line in desk.reported.lines)
    assert found.efficiency is not None
    assert (found.efficiency.level, found.efficiency.k_e4, found.efficiency.previous_k_e4) == (3, 10_000, None)
    assert found.compliance is None, "no contract says what was surrendered"


def test_what_comes_later_changes_nothing_of_an_earlier_moment(desk: Desk) -> None:
    """The same bytes, whenever they are computed."""
    moments: dict[int, bytes] = {}

    def keep() -> None:
        moments[size(desk)] = score_bytes(score(facts(desk)))

    keep()
    desk.clock.now = DEADLINE + 3 * DAY
    report = desk.report()
    keep()
    desk.appoint()
    verdict = desk.verify(report)
    desk.register(verdict)
    keep()
    desk.label(report)
    keep()
    desk.clock.now += 3 * DAY
    later = Policy(policy="calendar", id="park", version="2", effective_from="2024-04-06", document=_later_calendar())
    desk.accept("policy", later, PARK)
    keep()
    assert len(set(moments.values())) == 5, "each of them says something else"
    for at, told in moments.items():
        assert score_bytes(score(facts(desk, at))) == told


def test_a_moment_that_the_log_has_not_reached_has_no_facts(desk: Desk) -> None:
    for moment in (Moment(size(desk) + 1, None), Moment(0, None), Moment(1, 5)):
        assert reader(desk).facts(ENTERPRISE, YEAR, moment) is None


def test_what_is_not_known_is_left_out_at_every_depth() -> None:
    assert known_members({"a": None, "b": [{"c": None, "d": 1}], "e": {"f": None}}) == {"b": [{"d": 1}], "e": {}}


def _later_calendar() -> dict[str, object]:
    deadlines: dict[str, object] = {"evidence_days": 40, "report": "04-30", "registration": "06-30"}
    deadlines |= {"allocation": "09-30", "surrender": "12-31", "carry_over": "01-31", "close": "01-31"}
    return {"year": YEAR, "offset": "+08:00", "holidays": [], "workdays": [], "deadlines": deadlines}
