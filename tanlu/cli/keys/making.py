"""What commands share that make a key: its algorithm, its purposes, its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from attestation.keys import Algorithm, Purpose
from tanlu.cli import options
from tanlu.files import require_new as require_new_file
from tanlu.keyring import card_path

PURPOSES = [purpose.names()[0] for purpose in Purpose]
ALGORITHMS = click.Choice([algorithm.value for algorithm in Algorithm])

algorithm = click.option(
    "--algorithm",
    type=ALGORITHMS,
    default=Algorithm.ED25519.value,
    show_default=True,
    help="Signature algorithm; ES256K where contracts must verify it. 签名算法",
)
purposes = click.option(
    "--purpose", "purposes", type=click.Choice(PURPOSES), multiple=True, required=True, help="Repeatable. 用途"
)
out = click.option("-o", "--out", "path", type=options.NEW_FILE, required=True, help="The key file to make. 输出文件")
password_file = click.option(
    "--new-password-file",
    type=options.FILE,
    help="First line is the new key's password; else that of --key. 新密钥密码文件",
)


def parse(names: Sequence[str]) -> Purpose:
    """Purposes that were named in any order."""
    return Purpose.parse([name for name in PURPOSES if name in names])


def require_new(path: Path) -> None:
    """Neither key file nor card may be there. Raises InputRefused (``file.exists``, ``file.folder``): before a key
    is made that could not be kept, and before anything is asked."""
    for target in (path, card_path(path)):
        require_new_file(target)
