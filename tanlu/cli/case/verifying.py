"""``tanlu case verify``: whether the chain holds the figure that report and verdict led to (DOMAIN 2, 44, 45)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from attestation.bodies import Registration, Verification
from attestation.examination import examine
from ledger import receipts
from ledger.receipts import RegisteredFigure
from tanlu.cli import options
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.case.determined import finding_lines, show_determined
from tanlu.cli.case.speaking import of_case
from tanlu.cli.console import console
from tanlu.client import CaseFile, Client
from tanlu.errors import InputRefused
from tanlu.files import require_new, write_new
from tanlu.registered import FigureFiles, read_receipt, read_words, require_case, verify_on_chain, words_of
from tanlu.trustfile import load_trust


@click.command()
@of_case
@click.option("--rpc", metavar="URL", required=True, help="JSON-RPC of a node that you trust. 链节点地址")
@click.option("--report", "report_path", type=options.FILE, help="The report's receipt. 报告的收据")
@click.option("--verdict", "verdict_path", type=options.FILE, help="The verdict's receipt. 结论的收据")
@click.option(
    "--registration",
    "registration_path",
    type=options.FILE,
    help="The registration's receipt, or the signed statement. 登记的收据或声明",
)
@click.option(
    "--determination",
    "determination_path",
    type=options.FILE,
    help="The receipt of a determination, for a figure of two persons. 核定的收据",
)
@click.option("--out", type=options.NEW_FILE, help="Keep the fetched receipts in this new folder. 保存收据的目录")
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=0.0,
    show_default=True,
    help="Seconds for anchor and chain. 等待秒数",
)
@looks
def verify(
    *,
    looking: Looking,
    enterprise: str,
    year: int,
    rpc: str,
    report_path: Path | None,
    verdict_path: Path | None,
    registration_path: Path | None,
    determination_path: Path | None,
    out: Path | None,
    wait: float,
) -> None:
    """Verify that the chain holds the registered figure of ENTERPRISE and YEAR. 核验登记的排放量

    Receipts of report, verdict and registration come from the service, or from three files: then no service is asked.
    A figure that two persons determined is judged by the determination's receipt and their approvals. Exit code 1 when
    the figure is refused; the refusal names step, rule, value and what was expected.
    """
    trust = load_trust(looking.trust_path)
    given = (report_path, verdict_path, registration_path)
    if out is not None and any((*given, determination_path)):
        raise click.UsageError("--out keeps what is fetched. --out 仅用于保存取回的收据。")
    if determination_path is not None:
        if any(given):
            raise click.UsageError("A determination has one file. 核定只需一个文件。")
        show_determined(read_receipt(determination_path), enterprise, year, trust, rpc=rpc, wait=wait)
        return
    if report_path and verdict_path and registration_path:
        words = read_words(registration_path, trust)
        held = FigureFiles(read_receipt(report_path), read_receipt(verdict_path), words)
    elif any(given):
        raise click.UsageError("Give all of --report, --verdict, --registration, or none. 三个文件须同时给出。")
    else:
        if out is not None:
            require_new(out)
        with looking.client() as client:
            fetched = _fetch(client, client.case(enterprise, year), trust.log, wait)
        if out is not None:
            _keep(out, fetched)
        parsed = {name: receipts.parse(data) for name, data in fetched.items()}
        if "determination" in parsed:
            show_determined(parsed["determination"], enterprise, year, trust, rpc=rpc, wait=wait)
            return
        words = words_of(parsed["registration"].entry, trust)
        held = FigureFiles(parsed["report"], parsed["verdict"], words)
    require_case(held.words, enterprise, year)
    found = verify_on_chain(held, trust, rpc, wait=wait)
    console().result(
        {
            "accepted": True,
            "enterprise": enterprise,
            "year": year,
            "tonnes": found.on_chain.tonnes,
            "revision": found.on_chain.revision,
            "verifier": found.verifier,
            "block": found.block,
            "report": found.report.as_dict(),
            "verdict": found.verification.as_dict(),
        },
        _english(found, enterprise, year),
        _chinese(found, enterprise, year),
    )


def _fetch(client: Client, file: CaseFile, log: str, wait: float) -> dict[str, bytes]:
    """The receipts of report, verdict and registration, each named by the entry that rests on it; or that of the
    determination, where the case's figure is one."""
    step = file.last("registration", "determination")
    if step is None:
        raise InputRefused(
            rule="registered.case",
            value=f"{file.enterprise} {file.year}: {file.state}",
            expected="a case with a registration or a determination",
            message=f"Nothing is registered for {file.enterprise} {file.year}: {file.state}",
            message_zh=f"{file.enterprise} {file.year} 年度尚无登记",
        )
    if step.kind == "determination":
        return {step.kind: client.receipt(step.index, wait=wait)}
    places = {one.statement_id: one.index for one in file.steps}
    registration = client.receipt(step.index, wait=wait)
    registered = examine(receipts.parse(registration).entry, log).body
    if not isinstance(registered, Registration):
        raise _not_listed(f"entry {step.index}")
    verdict = client.receipt(_place(places, registered.verification), wait=wait)
    judged = examine(receipts.parse(verdict).entry, log).body
    if not isinstance(judged, Verification):
        raise _not_listed(registered.verification)
    report = client.receipt(_place(places, judged.report), wait=wait)
    return {"report": report, "verdict": verdict, "registration": registration}


def _place(places: dict[str, int], statement_id: str) -> int:
    if statement_id not in places:
        raise _not_listed(statement_id)
    return places[statement_id]


def _not_listed(value: str) -> InputRefused:
    return InputRefused(
        rule="registered.steps",
        value=value,
        expected="registration, verdict and report of one case",
        message=f"The case's file does not hold together at {value}",
        message_zh=f"案件所列条目前后不一致：{value}",
    )


def _keep(folder: Path, fetched: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, data in fetched.items():
        write_new(folder / f"{name}.json", data)


def _english(found: RegisteredFigure, enterprise: str, year: int) -> str:
    head = f"accepted: {found.on_chain.tonnes} t of {enterprise} {year}, revision {found.on_chain.revision}"
    lines = [f"{head}, verified by {found.verifier}, on chain as of block {found.block}"]
    for name, report in (("report", found.report), ("verdict", found.verification)):
        lines += [f"{name}, entry {report.index}, {report.state}; checked:", *finding_lines(report.checked)]
        lines += ["not checked:", *finding_lines(report.not_checked)]
    return "\n".join(lines)


def _chinese(found: RegisteredFigure, enterprise: str, year: int) -> str:
    head = f"通过：{enterprise} {year} 年度 {found.on_chain.tonnes} 吨，第 {found.on_chain.revision} 版"
    lines = [f"{head}，核查机构 {found.verifier}，链上区块 {found.block}"]
    for name, report in (("报告", found.report), ("结论", found.verification)):
        lines += [
            f"{name}，第 {report.index} 条记录，{report.state}；已核验：",
            *finding_lines(report.checked, zh=True),
        ]
        lines += ["未核验：", *finding_lines(report.not_checked, zh=True)]
    return "\n".join(lines)
