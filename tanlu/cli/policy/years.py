"""``tanlu policy calendar``, ``coverage-list``, ``rules``, ``obligation-base``: what belongs to a compliance year.

A document is judged by the rules of acceptance before it is written: what the log would refuse is refused here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import click

from attestation.accounting import ObligationBase
from attestation.policies import CALENDAR, COVERAGE_LIST, OBLIGATION_BASE, OF_A_YEAR, RULES, Deadline
from attestation.policies.calendar import default_document
from attestation.statements import Policy
from tanlu.cli import options
from tanlu.cli.policy.building import of_a_year, write
from tanlu.errors import InputRefused

_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_LISTED = ("identifier", "obliged", "threshold_tonnes")
_NUMBERS = frozenset({"site_days", "findings_days", "correction_days", "objection_days", "decision_days"})
_FLAGS = frozenset({"admission_required", "plan_required"})


@click.command(name="obligation-base")
@click.option("--base", type=click.Choice([base.value for base in ObligationBase]), required=True, help="应清缴口径")
@of_a_year
def obligation_base_command(*, base: str, **given: object) -> None:
    """Body that says which emissions of a year are owed: direct, or with purchased energy. 发布应清缴口径"""
    _write(OBLIGATION_BASE, {"base": base}, given)


@click.command(name="calendar")
@click.option("--holiday", "holidays", multiple=True, metavar="YYYY-MM-DD", help="Nobody works; repeat. 节假日")
@click.option("--workday", "workdays", multiple=True, metavar="YYYY-MM-DD", help="Make-up day; repeat. 调休上班日")
@click.option(
    "--deadline",
    "deadlines",
    multiple=True,
    metavar="NAME=MM-DD",
    help=f"One of {', '.join(name.value for name in Deadline)}; MM-DD or an instant; repeat. 截止日期",
)
@click.option("--evidence-days", type=int, help="Days after a month for its evidence. 月度数据期限（天）")
@click.option("--offset", help="Distance from UTC, else +08:00. 时区")
@click.option("--day-seconds", type=int, help="A compressed calendar: how long a day is. 压缩日历中一天的秒数")
@of_a_year
def calendar_command(
    *,
    holidays: tuple[str, ...],
    workdays: tuple[str, ...],
    deadlines: tuple[str, ...],
    evidence_days: int | None,
    offset: str | None,
    day_seconds: int | None,
    **given: object,
) -> None:
    """Body that publishes a year's deadlines, holidays and make-up workdays. 发布年度日历

    What is not given is as by default: evidence within 40 days, report 03-31, registration 06-30, allocation 09-30,
    surrender 12-31 of the following year, carry-over and close 01-31 of the one after.
    """
    document = default_document()
    dates: dict[str, object] = dict(document["deadlines"])  # type: ignore[call-overload]  # a mapping of the default's own
    dates |= {text.partition("=")[0]: _value_of(text, "--deadline") for text in deadlines}
    if evidence_days is not None:
        dates["evidence_days"] = evidence_days
    document |= {"holidays": sorted(holidays), "workdays": sorted(workdays), "deadlines": dates}
    if offset is not None:
        document["offset"] = offset
    if day_seconds is not None:
        document["day_seconds"] = day_seconds
    _write(CALENDAR, document, given)


@click.command(name="coverage-list")
@click.argument("table", type=options.FILE)
@of_a_year
def coverage_list_command(*, table: Path, **given: object) -> None:
    """Body that names who is obliged in a year, from a CSV TABLE. 发布履约企业名录

    Columns: identifier, obliged (yes or no), and, where it is not the national 26,000, threshold_tonnes.
    """
    _write(
        COVERAGE_LIST, {"entries": sorted(_entries(table), key=lambda entry: str(entry["identifier"]).encode())}, given
    )


@click.command(name="rules")
@click.option(
    "--set", "members", multiple=True, metavar="NAME=VALUE", help="A rule (docs/policies.md); repeat. 规则取值"
)
@of_a_year
def rules_command(*, members: tuple[str, ...], **given: object) -> None:
    """Body that publishes a year's terms and thresholds; what is not set keeps its default. 发布年度规则

    For example `--set objection_days=5 --set admission_required=yes --set jump_multiple=20`.
    """
    document: dict[str, object] = {}
    for text in members:
        name, value = text.partition("=")[0], _value_of(text, "--set")
        document[name] = _rule(name, value)
    _write(RULES, document, given)


def _rule(name: str, value: str) -> object:
    if name in _FLAGS:
        return _YES.get(value.lower(), value)
    if name in _NUMBERS:
        return int(value) if value.isascii() and value.isdecimal() else value
    if name == "reminder_days":
        return [int(day) if day.isascii() and day.isdecimal() else day for day in value.split(",")]
    return value


def _value_of(text: str, option: str) -> str:
    name, mark, value = text.partition("=")
    if not (name and mark and value):
        raise InputRefused(
            rule="policy.option",
            value=text,
            expected=f"{option} NAME=VALUE",
            message=f"{option} {text} is not NAME=VALUE",
            message_zh=f"{option} {text} 不是 NAME=VALUE 的形式",
        )
    return value


def _entries(table: Path) -> list[dict[str, object]]:
    with table.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        columns = reader.fieldnames or []
        if not set(_LISTED[:2]) <= set(columns) <= set(_LISTED):
            raise _refused_table(", ".join(columns), ", ".join(_LISTED))
        rows = list(reader)
    found: list[dict[str, object]] = []
    for number, row in enumerate(rows, 2):
        entry: dict[str, object] = {"identifier": (row["identifier"] or "").strip()}
        obliged = _YES.get((row["obliged"] or "").strip().lower())
        threshold = (row.get("threshold_tonnes") or "").strip()
        if obliged is None or None in row or (threshold and not (threshold.isascii() and threshold.isdecimal())):
            shown = ", ".join(str(value) for value in row.values())
            raise _refused_table(f"line {number}: {shown}", "identifier, yes or no, whole tonnes or nothing")
        entry["obliged"] = obliged
        if threshold:
            entry["threshold_tonnes"] = int(threshold)
        found.append(entry)
    return found


def _refused_table(value: str, expected: str) -> InputRefused:
    return InputRefused(
        rule="policy.table",
        value=value,
        expected=expected,
        message=f"The table of enterprises cannot be read: {value}",
        message_zh=f"企业名录无法读取：{value}",
    )


def _write(policy: str, document: Mapping[str, object], given: Mapping[str, object]) -> None:
    year, out = given["year"], given["out"]
    whole = {"year": year, **document}
    OF_A_YEAR[policy](whole)
    assert isinstance(out, Path)  # noqa: S101 - told to mypy: an option's type
    body = Policy(
        policy=policy,
        id=str(given["policy_id"] or f"park-{given['year']}"),
        version=str(given["version"]),
        effective_from=str(given["effective_from"]),
        document=whole,
    )
    write(out, body)
