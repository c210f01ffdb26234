"""``tanlu allocation``: plan a year's allocation, approve it, submit it, read and explain it (DOMAIN 26 to 31)."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from attestation.bodies import Allocation, BaseYear
from attestation.bodies.allocations import ROUNDS, AllocationShare
from attestation.instants import day_of, parse_instant
from attestation.judging.allocations import PRE
from attestation.policies import CALENDAR, Calendar, default_calendar, read_calendar
from tanlu.allocating import (
    build_allocation,
    check_recomputed,
    complete_ahead,
    complete_inputs,
    default_return_due,
    read_plan,
    refused,
)
from tanlu.cli import options
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.allocation_text import rows_table, sums_lines, totals_line
from tanlu.cli.approving import submit
from tanlu.cli.console import console
from tanlu.cli.steps import step_lines
from tanlu.cli.words import said, signs_as
from tanlu.client import Client
from tanlu.client.allocations import AllocationShown, allocation_of
from tanlu.client.asset_context import AssetContext
from tanlu.explaining import check_own_steps
from tanlu.explaining import explain as explained
from tanlu.files import require_new, write_new
from tanlu.foreseeing import foresee
from tanlu.keyring import open_key
from tanlu.proposals import Proposal, make_approval, read_proposal, write_proposal
from tanlu.trustfile import load_trust


@click.group()
def command() -> None:
    """Plan a year's allocation, approve and submit it; explain any figure. 配额分配

    A plan becomes a proposal file; two persons of two bodies approve it, each recomputing it first; the registrar
    submits it. docs/quota.md.
    """


@command.command()
@click.argument("plan_path", metavar="PLAN", type=options.FILE)
@click.option("--round", "round_", type=click.Choice(ROUNDS), default="final", show_default=True, help="轮次")
@click.option("--reserve", help="The account that units come out of; else the registrar's. 储备账户")
@click.option("--return-due", metavar="INSTANT", help="Else 20 working days after the allocation's date. 退回期限")
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="The proposal to write. 输出文件")
@looks
def plan(
    *, looking: Looking, plan_path: Path, round_: str, reserve: str | None, return_due: str | None, out: Path
) -> None:
    """Compute the table of PLAN, and write the proposal. 编制分配方案

    PLAN is JSON (docs/quota.md). Base years that it leaves out are those of the logged openings, debts those of the
    accounts; of a round ahead, emissions are those registered of the year before. What the log would refuse (a cap
    that was not issued, other base years than the opening's) is refused here. --as: regulator or administration.
    """
    require_new(out)
    trust, given = load_trust(looking.trust_path), read_plan(plan_path)
    with looking.client() as client:
        document = _document(client, given, round_)
        year = int(document["rules"]["year"])
        due = parse_instant(return_due) if return_due else default_return_due(_calendar(client, year), int(time.time()))
        body = build_allocation(
            round_,
            document,
            reserve=reserve or trust.registrar_identifier,
            return_due=due,
            granted_ahead=_ahead(client, year),
        )
        proposal = Proposal("allocation", body)
        # Against the issue and the logged openings, before two persons look at it.
        foresee(proposal, trust, AssetContext(client, trust))
    write_proposal(out, trust, proposal)
    console().result(
        {"file": str(out), **_told(body)},
        f"{rows_table(body.table, zh=False)}\n{body.tonnes} t granted; {out}: hand it to two persons of two bodies",
        f"{rows_table(body.table, zh=True)}\n共授予 {body.tonnes} 吨；{out}：请交给两个不同机构的个人批准",
    )


@command.command()
@click.argument("proposal_path", metavar="PROPOSAL", type=options.FILE)
@options.key
@click.option(
    "--ahead", type=click.IntRange(0), help="Log position of the year's allocation ahead, of a final one. 预分配位置"
)
@click.option("-o", "--out", type=options.NEW_FILE, required=True, help="File for the approval. 输出文件")
@looks
def approve(*, looking: Looking, proposal_path: Path, key_path: Path, ahead: int | None, out: Path) -> None:
    """Recompute a PROPOSAL, show its table, and approve it as a person. 复算并批准

    Root and table are computed again from the document before anything is signed; where they differ nothing is. Needs
    no service, save for --ahead.
    """
    require_new(out)
    trust = load_trust(looking.trust_path)
    proposal = read_proposal(proposal_path, trust)
    granted: dict[str, int] = {}
    if ahead is not None:
        with looking.client() as client:
            granted = {row.identifier: row.granted for row in allocation_of(client.entry(ahead), trust).table}
    check_recomputed(proposal.body, granted)
    console().note(*(f"{said(proposal, zh=zh)}\n{rows_table(proposal.body.table, zh=zh)}" for zh in (False, True)))
    held = open_key(key_path, options.read_password(looking.password_file))
    approval = make_approval(held, trust, proposal)
    console().note(*(signs_as(held.card.identifier, zh=zh) for zh in (False, True)))
    write_new(out, json.dumps(approval, ensure_ascii=False, indent=1).encode() + b"\n")
    console().result(approval, str(out), str(out))


@command.command()
@click.argument("index", type=click.IntRange(0), required=False)
@click.option("--year", type=click.IntRange(1990, 2200), help="Of this year only, without INDEX. 履约年度")
@looks
def table(*, looking: Looking, index: int | None, year: int | None) -> None:
    """Show the allocation at INDEX, or list all. 查看分配表

    An enterprise sees its own row; who oversees sees all.
    """
    with looking.client() as client:
        if index is None:
            found = list(client.allocations(year))
            lines, lines_zh = ([totals_line(one, zh=zh) for one in found] for zh in (False, True))
            console().result(
                {"allocations": [msgspec.to_builtins(one) for one in found]},
                "\n".join(lines) or "no allocation",
                "\n".join(lines_zh) or "没有分配",
            )
            return
        shown = client.allocation(index)
    rows = [AllocationShare(**msgspec.to_builtins(row)) for row in shown.table]
    console().result(
        msgspec.to_builtins(shown), *(f"{totals_line(shown, zh=zh)}\n{rows_table(rows, zh=zh)}" for zh in (False, True))
    )


@command.command()
@click.argument("index", type=click.IntRange(0))
@click.argument("enterprise")
@looks
def explain(*, looking: Looking, index: int, enterprise: str) -> None:
    """Recompute the share of ENTERPRISE in the allocation at INDEX, step by step. 逐步复算

    Who oversees: from the logged entry alone, every step computed here, with the exact shares of all where they were
    scaled, their sum and the ratio. An enterprise: its own share, with the steps that follow from its own inputs
    computed here. Each can be repeated with a pocket calculator.
    """
    trust = load_trust(looking.trust_path)
    with looking.client() as client:
        # What somebody may not see is refused here, with the one answer of the service.
        shown = client.allocation(index, steps=True)
        if shown.document is None:
            _explain_own(shown, enterprise)
            return
        body = allocation_of(client.entry(index), trust)
    found = explained(body, enterprise)
    row = next((one for one in body.table if one.identifier == enterprise), None)
    steps, tonnes = [step.as_dict() for step in found.share.trace], found.share.tonnes
    told: dict[str, Any] = {
        "index": index,
        "year": body.year,
        "round": body.round,
        "identifier": enterprise,
        "tonnes": tonnes,
        "row": msgspec.to_builtins(row),
        "trace": steps,
        "sums": found.as_dict(),
    }
    head, head_zh = f"{enterprise} {body.year}: {tonnes} t", f"{enterprise} {body.year} 年度：{tonnes} 吨"
    rows = [] if row is None else [row]
    console().result(
        told,
        "\n".join([head, *step_lines(steps), *sums_lines(found, zh=False), rows_table(rows, zh=False)]),
        "\n".join([head_zh, *step_lines(steps), *sums_lines(found, zh=True), rows_table(rows, zh=True)]),
    )


def _explain_own(shown: AllocationShown, enterprise: str) -> None:
    row = next((one for one in shown.table if one.identifier == enterprise), None)
    if row is None or shown.share is None:
        raise refused("allocation.unknown", enterprise, "your own share of this allocation", "本企业在本次分配中的份额")
    share = shown.share
    computed = check_own_steps(share.document, shown.round, share.trace)
    lines = step_lines(share.trace)
    told: dict[str, Any] = {
        "index": shown.index,
        "year": shown.year,
        "round": shown.round,
        "identifier": enterprise,
        "tonnes": share.tonnes,
        "row": msgspec.to_builtins(row),
        "trace": list(share.trace),
        "document": share.document,
        "computed_here": computed,
        "others_shown": False,
    }
    rows = [AllocationShare(**msgspec.to_builtins(row))]
    console().result(
        told,
        "\n".join(
            [
                f"{enterprise} {shown.year}: {share.tonnes} t",
                *lines,
                rows_table(rows, zh=False),
                f"{computed} of {len(lines)} steps were computed here from your own inputs. Other enterprises' inputs"
                " were not shown: the sum of exact shares, the order of remainders and a benchmark balanced over a"
                " sector are the service's word; who oversees recomputes all from the entry.",
            ]
        ),
        "\n".join(
            [
                f"{enterprise} {shown.year} 年度：{share.tonnes} 吨",
                *lines,
                rows_table(rows, zh=True),
                f"{len(lines)} 步中有 {computed} 步由本机据本企业输入复算。其他企业的输入未予出示："
                "各企业精确份额之和、余数次序及行业平衡基准以服务所述为准；监管方可据条目复算全部。",
            ]
        ),
    )


command.add_command(submit)


def _document(client: Client, given: dict[str, Any], round_: str) -> dict[str, Any]:
    if round_ == PRE:
        return complete_ahead(given, lambda name, year: _registered(client, name, year))
    return complete_inputs(given, lambda name: _carried_in(client, name), lambda name: _owed(client, name))


def _carried_in(client: Client, identifier: str) -> Sequence[BaseYear]:
    found = client.opening(identifier)
    return () if found is None else found.base_years


def _owed(client: Client, identifier: str) -> int:
    owed = client.account(identifier).owed
    return 0 if owed is None else owed.tonnes


def _registered(client: Client, identifier: str, year: int) -> int | None:
    found = next(iter(client.cases(identifier, year)), None)
    return None if found is None or found.figure is None else found.figure.tonnes


def _ahead(client: Client, year: int) -> dict[str, int]:
    for one in client.allocations(year):
        if one.round == PRE and one.state != "refused":
            return {row.identifier: row.granted for row in client.allocation(one.index).table}
    return {}


def _calendar(client: Client, year: int) -> Calendar:
    document = client.policy_in_force(CALENDAR, year, day_of(int(time.time())))
    return default_calendar(year) if document is None else read_calendar(document)


def _told(body: Allocation) -> dict[str, Any]:
    return {
        "op_id": body.op_id,
        "year": body.year,
        "round": body.round,
        "input_root": body.input_root,
        "tonnes": body.tonnes,
        "return_due": body.return_due,
        "table": msgspec.to_builtins(body.table),
    }
