"""``tanlu quota ccer``: CCER that were cancelled in their own registry for an enterprise (DOMAIN 4)."""

from __future__ import annotations

import click

from attestation.bodies import EnterOffsets, Monitoring
from tanlu.cli.proposing import Proposing, proposes

_DAY = "YYYY-MM-DD"


@click.command()
@click.argument("beneficiary")
@click.option("--project", required=True, help="The project's number. 项目编号")
@click.option("--methodology", required=True, help="Its methodology. 方法学")
@click.option("--monitored-from", required=True, metavar=_DAY, help="First day of the monitoring period. 监测期首日")
@click.option("--monitored-to", required=True, metavar=_DAY, help="Its last day. 监测期末日")
@click.option("--project-start", required=True, metavar=_DAY, help="Day on which the project began. 项目开工日")
@click.option("--claimed", required=True, metavar=_DAY, help="Day of the claim. 申报日")
@click.option("--registered", required=True, metavar=_DAY, help="Day of the registration. 登记日")
@click.option("--cancelled", required=True, metavar=_DAY, help="Day of the cancellation. 注销日")
@click.option("--series", required=True, help="The row of numbers that the serials are of. 编号系列")
@click.option("--first-serial", type=click.IntRange(1), required=True, help="First serial, included. 首个编号")
@click.option("--last-serial", type=click.IntRange(1), required=True, help="Last serial, included. 末个编号")
@click.option("--cancellation", required=True, help="The registry's id of the cancellation. 注销编号")
@proposes
def ccer(
    *,
    proposing: Proposing,
    beneficiary: str,
    project: str,
    methodology: str,
    monitored_from: str,
    monitored_to: str,
    project_start: str,
    claimed: str,
    registered: str,
    cancelled: str,
    series: str,
    first_serial: int,
    last_serial: int,
    cancellation: str,
) -> None:
    """Propose CCER for BENEFICIARY, whom the cancellation names; one serial is one tonne. 录入 CCER

    --document is the cancellation's certificate. Eligibility is judged as of the day (DOMAIN 4); each serial and each
    cancellation enters once.
    """
    body = EnterOffsets(
        beneficiary=beneficiary,
        project=project,
        methodology=methodology,
        monitoring=Monitoring(start=monitored_from, end=monitored_to),
        project_start=project_start,
        claimed=claimed,
        registered=registered,
        cancelled=cancelled,
        series=series,
        first_serial=first_serial,
        last_serial=last_serial,
        # The log says what is wrong with serials in the wrong order.
        tonnes=max(1, last_serial - first_serial + 1),
        cancellation=cancellation,
        **proposing.grounds,
    )
    proposing.propose("holding", body)
