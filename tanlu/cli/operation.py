"""``tanlu operation``: what became of what an entry asked of the contracts."""

from __future__ import annotations

from typing import Literal

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli import options
from tanlu.cli.admitting import Looking, looks
from tanlu.cli.awaiting import STATES_ZH, settled
from tanlu.cli.console import ExitCode, console
from tanlu.client import Operation


@click.group()
def command() -> None:
    """Show what became of an operation on chain. 链上操作"""


@command.command()
@click.argument("op_id", metavar="OP", type=options.OPERATION)
@click.option(
    "--wait",
    type=click.FloatRange(0, 86_400),
    default=0.0,
    show_default=True,
    help="Seconds to wait for what the contract says. 等待链上结果（秒）",
)
@click.option(
    "--until",
    type=click.Choice(("mined", "final")),
    default="mined",
    show_default=True,
    help="Wait for the block, or until it cannot be forgotten. 等到上链或终局",
)
@looks
def show(*, looking: Looking, op_id: str, wait: float, until: Literal["mined", "final"]) -> None:
    """Show the operation OP, the id of a signed message: its entry, state, reason and block. 查看操作

    With --wait the exit code says how it ended: 0 there, 1 refused by the contract, 3 not yet.
    """
    with looking.client() as client:
        found = client.operation(op_id, wait=wait, until=until)
    if wait:
        found.require_taken()
    console().result(msgspec.to_builtins(found), _shown(found, zh=False), _shown(found, zh=True))
    if wait and not settled(found.state, until):
        # The answer is given; scripts see by the code that the chain has not said its word.
        click.get_current_context().exit(ExitCode.UNAVAILABLE)


def _shown(found: Operation, *, zh: bool) -> str:
    entry = "-" if found.index is None else str(found.index)
    state = STATES_ZH[found.state] if zh else found.state
    parts = [
        f"{found.kind} 0x{found.op_id}：{state}，第 {entry} 条记录"
        if zh
        else f"{found.kind} 0x{found.op_id}: {state}, entry {entry}"
    ]
    if found.problem is not None:
        parts.append(f"{found.problem.message_zh if zh else found.problem.detail} [{found.problem.rule}]")
    if found.block is not None:
        place = f"{found.block.number} 0x{found.block.hash}"
        parts.append(f"区块 {place}" if zh else f"block {place}")
    if found.tx is not None:
        tries = f"（第 {found.attempts} 次）" if zh else f" (attempt {found.attempts})"
        parts.append(f"交易 0x{found.tx}{tries}" if zh else f"transaction 0x{found.tx}{tries}")
    created, updated = format_instant(found.created_at), format_instant(found.updated_at)
    parts.append(f"提出 {created}，更新 {updated}" if zh else f"asked for {created}, last change {updated}")
    return "\n".join(parts)
