"""``tanlu policy``: bodies of the statements by which a park publishes its parameters, and what was published."""

from __future__ import annotations

import click

from attestation.accounting import list_bundled
from tanlu.cli.console import console
from tanlu.cli.policy.factors import correct_command, factor_set_command
from tanlu.cli.policy.published import published_command, touched_command
from tanlu.cli.policy.years import calendar_command, coverage_list_command, obligation_base_command, rules_command


@click.group()
def command() -> None:
    """Build a policy's body: what the park publishes before reports may use it. 编制政策

    Sign the body with `tanlu sign policy`, as the registrar. `published` and `touched` ask the service.
    """


@command.command(name="list")
def list_command() -> None:
    """The factor sets that come with Tanlu. 列出内置排放因子集"""
    names = [f"{set_id}@{version}" for set_id, version in list_bundled()]
    console().result({"factor_sets": names}, "\n".join(names), "\n".join(names))


for _each in (
    factor_set_command,
    correct_command,
    obligation_base_command,
    calendar_command,
    coverage_list_command,
    rules_command,
    published_command,
    touched_command,
):
    command.add_command(_each)
