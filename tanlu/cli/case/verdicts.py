"""``tanlu case verdict``: approve, correct or reject the standing report (DOMAIN 44, 45)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import click
import msgspec

from attestation.bodies import Report, Verification
from attestation.bodies.verdicts import BASES, Adjustment
from tanlu import casework
from tanlu.case_files import read_adjustments, read_resolutions
from tanlu.cli import options
from tanlu.cli.case.speaking import CaseDesk, Speaking, of_case, speaks
from tanlu.cli.report_trace import sentence, sentence_zh
from tanlu.examining import Examination, examine_report
from tanlu.signing import read_body

_OPTIONS = (
    click.option("--boundary", required=True, help="What was verified. 核查边界"),
    click.option("--guideline", required=True, help="By which guideline. 核查依据"),
    click.option("--uncovered", default="none", show_default=True, help="What could not be verified. 未覆盖事项"),
    click.option(
        "--resolve",
        "resolutions",
        multiple=True,
        metavar="[FINDING:]ITEM=RESOLUTION",
        help="What became of an open non-conformity: corrected, explained or conservative; repeat. 不符合项处理",
    ),
    click.option("--report", "named", metavar="STATEMENT", help="The report that you examined, to be sure. 报告编号"),
)
_factor_file = click.option(
    "--factor-file", type=options.FILE, help="The factor set's document, instead of the log's. 排放因子文件"
)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a verifier says beside figures, as the options have it."""

    boundary: str
    guideline: str
    uncovered: str
    resolutions: tuple[str, ...]
    named: str | None


def _concludes(function: Any) -> Any:
    """Adds the case, what is said beside figures as the one argument ``said``, and who speaks."""

    def command(**given: Any) -> None:
        function(said=_Said(**{name: given.pop(name) for name in _Said.__slots__}), **given)

    command.__doc__, command.__name__ = function.__doc__, function.__name__
    command.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
    return of_case(reduce(lambda made, option: option(made), reversed(_OPTIONS), speaks(command)))


@click.group()
def verdict() -> None:
    """Conclude, as the assigned verifier, on the standing report. 核查结论

    The report is taken from the log and recomputed, with the factor set that it names, before anything is signed.
    """


@verdict.command()
@_factor_file
@_concludes
def approve(*, speaking: Speaking, enterprise: str, year: int, said: _Said, factor_file: Path | None) -> None:
    """The report is right as it stands. 认可"""
    with speaking.open(enterprise, year) as desk:
        _conclude(desk, said, factor_file, lambda found, examined: casework.approve(found.report.body, examined))


@verdict.command()
@click.option("--adjustments", "adjustments_path", type=options.FILE, help="A list of adjustments, JSON. 调整条目文件")
@click.option(
    "--corrected",
    "corrected_path",
    type=options.FILE,
    help="Instead: the report's body as it should be, by `tanlu report build`; differences are adjusted. 更正后报告",
)
@click.option("--reason", help="With --corrected: why, 1 to 500 characters. 调整理由")
@click.option(
    "--basis", type=click.Choice(BASES), default=BASES[0], show_default=True, help="With --corrected. 调整依据"
)
@_factor_file
@_concludes
def correct(
    *,
    speaking: Speaking,
    enterprise: str,
    year: int,
    said: _Said,
    factor_file: Path | None,
    adjustments_path: Path | None,
    corrected_path: Path | None,
    reason: str | None,
    basis: str,
) -> None:
    """The report is right with adjustments; the verified totals follow from them. 更正

    An adjustment has line, reason, basis (evidence or conservative) and replacement, a whole line of a report; without
    replacement the line is left out.
    """
    if (adjustments_path is None) == (corrected_path is None) or (corrected_path is not None) != (reason is not None):
        raise click.UsageError(
            "Give --adjustments, or --corrected with --reason. 请给出 --adjustments，或 --corrected 与 --reason。"
        )
    listed = None if adjustments_path is None else read_adjustments(adjustments_path)
    body = None if corrected_path is None else read_body("report", corrected_path)

    def conclude(found: Examination, examined: casework.Examined) -> Verification:
        adjustments: tuple[Adjustment, ...] = listed or ()
        if isinstance(body, Report):
            adjustments = casework.differences(found.report.body, body, reason or "", basis)
        return casework.correct(found.report.body, examined, adjustments, found.factor_set, found.cems)

    with speaking.open(enterprise, year) as desk:
        _conclude(desk, said, factor_file, conclude)


@verdict.command()
@_concludes
def reject(*, speaking: Speaking, enterprise: str, year: int, said: _Said) -> None:
    """The report cannot be verified: the enterprise submits another one. 退回"""
    with speaking.open(enterprise, year) as desk:
        told = desk.context.told
        standing = told.standing_report
        # What cannot be verified need not recompute.
        first = next(iter(told.reports), b"").hex()
        report = said.named or ("" if standing is None else standing.statement_id.hex())
        body = casework.reject(_examined(desk, said, report, first))
        _say(desk, body, None if standing is None else standing.body)


def _conclude(
    desk: CaseDesk,
    said: _Said,
    factor_file: Path | None,
    conclude: Callable[[Examination, casework.Examined], Verification],
) -> None:
    found = examine_report(desk.client, desk.context, named=said.named, factor_file=factor_file)
    examined = _examined(desk, said, found.report.statement_id.hex(), found.first.statement_id.hex())
    _say(desk, conclude(found, examined), found.report.body)


def _examined(desk: CaseDesk, said: _Said, report: str, first: str) -> casework.Examined:
    return casework.Examined(
        report=report,
        initial_report=first,
        boundary=said.boundary,
        guideline=said.guideline,
        uncovered=said.uncovered,
        nonconformities=read_resolutions(said.resolutions, desk.file.open_nonconformities),
    )


def _say(desk: CaseDesk, body: Verification, report: Report | None) -> None:
    accepted = desk.say("verification", body)
    reported = None if report is None else msgspec.to_builtins(report.totals)
    verified = None if body.verified is None else msgspec.to_builtins(body.verified)
    told, told_zh = _totals(reported, verified)
    desk.result(
        accepted,
        {
            "conclusion": body.conclusion,
            "report": body.report,
            "adjusted": [one.line for one in body.adjustments],
            "reported": reported,
            "verified": verified,
        },
        f"{told}\n{body.conclusion}",
        f"{told_zh}\n结论 {body.conclusion}",
    )


def _totals(reported: Any, verified: Any) -> tuple[str, str]:
    pairs = [("reported", "报告", reported), ("verified", "核定", verified)]
    shown = [(name, name_zh, totals) for name, name_zh, totals in pairs if totals is not None]
    return (
        "\n".join(f"{name}: {sentence(totals)}" for name, _, totals in shown),
        "\n".join(f"{name_zh}：{sentence_zh(totals)}" for _, name_zh, totals in shown),
    )
