"""The park's parameters of the year, as signed policies: rules and calendar before anybody is let in, the rest after
(DOMAIN 2, 11, 44, 47).

The calendar is compressed: a day of it lasts a second, so that a window of seven working days is over in seven seconds.
Nobody's clock is shifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from attestation.accounting import FactorSet
from attestation.instants import format_instant
from attestation.policies import Rules
from attestation.policies.calendar import default_document
from attestation.statements import Policy
from tanlu.demo import inputs
from tanlu.demo.actors import Actors

POLICIES = "policies"
_MINUTE = 60
DAY_SECONDS = 1
_EFFECTIVE = f"{inputs.YEAR}-01-01"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The year's last instants in unix seconds: the demo is over long before the first of them."""

    surrender: int
    carry_over: int
    close: int
    amendment_seconds: int = 30 * DAY_SECONDS


def deadlines(now: int) -> Deadlines:
    """Those of a year that is surrendered in half an hour."""
    return Deadlines(now + 30 * _MINUTE, now + 60 * _MINUTE, now + 90 * _MINUTE)


def objection_seconds() -> int:
    """How long an enterprise may object to a verdict: the rules' days, by the compressed calendar."""
    return Rules(inputs.YEAR).objection_days * DAY_SECONDS


def publish_rules(actors: Actors, last: Deadlines) -> None:
    """Admissions and monitoring plans are asked for; a day lasts a second."""
    # Admissions follow the rules of the year in which somebody is let in, reports those of the year they are about.
    today = datetime.now(UTC).year
    _publish(actors, "rules", "admission-rules", {"year": today, "admission_required": True})
    _publish(actors, "rules", "park-rules", {"year": inputs.YEAR, "plan_required": True})
    document = default_document()
    instants = {
        name: format_instant(at)
        for name, at in (("surrender", last.surrender), ("carry_over", last.carry_over), ("close", last.close))
    }
    document["deadlines"] = {**cast("dict[str, object]", document["deadlines"]), **instants}
    calendar = {"year": inputs.YEAR, **document, "day_seconds": DAY_SECONDS}
    _publish(actors, "calendar", "park-calendar", calendar)
    actors.say("rules and a compressed calendar of the year published", "已发布当年规则与压缩日历")


def publish_parameters(actors: Actors, factor_set: FactorSet) -> None:
    """Factors, the obligation's base, and who is obliged."""
    _publish(actors, "factor-set", factor_set.id, factor_set.document(), version=factor_set.version)
    _publish(actors, "obligation-base", "park-base", {"year": inputs.YEAR, "base": inputs.OBLIGATION_BASE})
    entries = [
        {"identifier": identifier, "obliged": True, "threshold_tonnes": inputs.THRESHOLD_TONNES}
        for identifier in sorted((one.identifier for one in inputs.ENTERPRISES), key=str.encode)
    ]
    _publish(actors, "coverage-list", "park-list", {"year": inputs.YEAR, "entries": entries})
    actors.say(
        f"policies published: factor set {factor_set.id}@{factor_set.version}, obligation base "
        f"{inputs.OBLIGATION_BASE}, coverage list of {len(entries)}",
        f"已发布政策：排放因子集 {factor_set.id}@{factor_set.version}，履约口径 {inputs.OBLIGATION_BASE}，"
        f"{len(entries)} 家纳入名录",
    )


def _publish(actors: Actors, policy: str, name: str, document: dict[str, Any], *, version: str = "1") -> None:
    body = Policy(policy=policy, id=name, version=version, effective_from=_EFFECTIVE, document=document)
    actors.submit(actors.registrar, "policy", POLICIES, body)
