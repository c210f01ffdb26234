"""``tanlu case``: an enterprise's year from assignment to the registered figure: one file per subject."""

from __future__ import annotations

import click

from tanlu.cli.case.assigning import assign, end
from tanlu.cli.case.determining import determine
from tanlu.cli.case.drawing import draw
from tanlu.cli.case.finding import find
from tanlu.cli.case.objecting import decide, object_command
from tanlu.cli.case.records import list_command, show
from tanlu.cli.case.registering import register
from tanlu.cli.case.verdicts import verdict
from tanlu.cli.case.verifying import verify


@click.group()
def command() -> None:
    """Verify an enterprise's year: assign, find, conclude, object, register. 核查案件

    A case is an ENTERPRISE and a compliance YEAR. What is signed is first judged with the entries of the case: what
    these refuse takes no place in the signer's stream. Ties, accreditations, used certificates and the sums of a
    verdict are the log's to judge: what it refuses by them leaves a gap. docs/verification.md.
    """


for _each in (
    list_command,
    show,
    assign,
    end,
    draw,
    find,
    verdict,
    object_command,
    decide,
    register,
    determine,
    verify,
):
    command.add_command(_each)
