"""``tanlu quota freeze``, ``freeze-at-once``, ``confirm-freeze``, ``lapse``, ``release`` (DOMAIN 22, 23)."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.bodies import ConfirmFreeze, FreezeUnits, LapseFreeze, ReleaseUnits
from attestation.refusals import refuse
from ledger.chain.operations import Kind, operation_id
from tanlu.admission import file_hash
from tanlu.assets import new_operation
from tanlu.cli import options
from tanlu.cli.acting import Acting, acts, tonnes
from tanlu.cli.console import SIGN_IN
from tanlu.cli.proposing import WITHOUT, Proposing, Writing, proposes, writes
from tanlu.errors import InputRefused
from tanlu.proposals import Proposal

_asset = click.option("--asset", required=True, help="quota-YEAR or ccer. 资产")


@click.command()
@click.argument("account")
@_asset
@tonnes
@proposes
def freeze(*, proposing: Proposing, account: str, asset: str, tonnes: int) -> None:
    """Propose that units of ACCOUNT are frozen. 冻结

    What cannot wait for two persons: `tanlu quota freeze-at-once`.
    """
    proposing.propose("holding", FreezeUnits(account=account, asset=asset, tonnes=tonnes, **proposing.grounds))


@click.command("freeze-at-once")
@click.argument("account")
@_asset
@tonnes
@click.option("--document", type=options.FILE, required=True, help="What it rests on; its hash is logged. 依据文件")
@click.option("--reason", required=True, help="1 to 500 characters, in the log for everybody to read. 理由")
@acts
def freeze_at_once(*, acting: Acting, account: str, asset: str, tonnes: int, document: Path, reason: str) -> None:
    """Freeze units of ACCOUNT now, as the registrar alone; over after 24 hours unless confirmed. 紧急冻结"""
    wanted = FreezeUnits(
        op_id=new_operation(),
        account=account,
        asset=asset,
        tonnes=tonnes,
        document_hash=file_hash(document),
        reason=reason,
    )
    with acting.open() as desk:
        body = desk.unlogged(wanted) or wanted
        accepted = desk.say("holding", body)
        desk.result(
            accepted,
            [bytes.fromhex(body.op_id)],
            {"account": account, "asset": asset, "tonnes": tonnes, "freeze": body.op_id},
            f"{tonnes} t {asset} of {account} frozen for 24 hours, freeze {body.op_id}",
            f"已冻结 {account} 的 {asset} {tonnes} 吨，24 小时内有效，冻结号 {body.op_id}",
        )


@click.command("confirm-freeze")
@click.argument("freeze", metavar="OP", type=options.OPERATION)
@writes
def confirm_freeze(*, writing: Writing, freeze: str) -> None:
    """Propose that two persons confirm the emergency freeze OP before its 24 hours are over. 确认紧急冻结

    Asks the service (--as) what was frozen: the persons sign the freeze's own message.
    """
    with writing.open() as desk:
        if desk.context is None:
            raise InputRefused(
                rule="asset.sign_in",
                value="nobody signs in",
                expected=SIGN_IN,
                expected_zh="用于登录的密钥文件（--as 或 TANLU_AS）",
                message="What was frozen is in the log: sign in with --as to read it",
                message_zh="冻结内容在日志中：请以 --as 登录读取",
            )
        frozen = desk.context.freeze_body(bytes.fromhex(freeze))
        if frozen is None:
            raise refuse("freeze.unknown", freeze)
        desk.propose(Proposal("holding", ConfirmFreeze(freeze=freeze, **WITHOUT), frozen))


@click.command()
@click.argument("freeze", metavar="OP", type=options.OPERATION)
@acts
def lapse(*, acting: Acting, freeze: str) -> None:
    """End, as the registrar, the emergency freeze OP that nobody confirmed in 24 hours. 紧急冻结失效"""
    with acting.open() as desk:
        accepted = desk.say("holding", LapseFreeze(freeze=freeze))
        ended = operation_id(desk.trust.deployment_id, Kind.LAPSE_FREEZE, bytes.fromhex(accepted.leaf_hash))
        desk.result(accepted, [ended], {"freeze": freeze}, f"freeze {freeze} is over", f"冻结 {freeze} 已失效")


@click.command()
@click.argument("freeze", metavar="OP", type=options.OPERATION)
@tonnes
@proposes
def release(*, proposing: Proposing, freeze: str, tonnes: int) -> None:
    """Propose that units of the freeze OP move again. 解除冻结"""
    proposing.propose("holding", ReleaseUnits(freeze=freeze, tonnes=tonnes, **proposing.grounds))
