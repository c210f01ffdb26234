"""``tanlu keys``: make keys, enrol identifiers, and say what becomes of keys: one file per subject."""

from __future__ import annotations

import click

from tanlu.cli.keys.changes import add, compromise, revoke, rotate
from tanlu.cli.keys.enrolment import enrol, request
from tanlu.cli.keys.new import new
from tanlu.cli.keys.records import flagged, list_command, show
from tanlu.cli.keys.recovery import recover


@click.group()
def command() -> None:
    """Make, enrol, change, end and recover keys. 密钥的生成、注册、更换、撤销与恢复

    A private key never leaves its encrypted file. Whatever is signed is first judged by the rules of the log: what
    would be refused takes no place in the key's stream.
    """


for _each in (new, show, list_command, request, enrol, add, rotate, revoke, compromise, flagged, recover):
    command.add_command(_each)
