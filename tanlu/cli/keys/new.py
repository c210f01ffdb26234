"""``tanlu keys new``: a key in an encrypted file."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.keys import Algorithm, PrivateKey
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.keys import making
from tanlu.keyring import card_path, write_key


@click.command()
@click.option("--identifier", required=True, help="Whose key, for example 88.608.5288/META_x. 标识")
@making.algorithm
@making.purposes
@making.out
@options.password_file
def new(*, identifier: str, algorithm: str, purposes: tuple[str, ...], path: Path, password_file: Path | None) -> None:
    """Make a key in an encrypted file, and its public card beside it. 生成密钥

    Ed25519 and ES256 are written as encrypted PKCS#8, ES256K as an Ethereum keystore. Existing files are
    never written over.
    """
    wanted = making.parse(purposes)
    password = options.read_password(password_file, confirm=True)
    key = PrivateKey.generate(Algorithm(algorithm))
    card = write_key(path, key, password, identifier=identifier, purposes=wanted)
    console().result(
        {"file": str(path), "card": str(card_path(path)), **card.as_dict()},
        f"{path}: {card.kid}\nthumbprint {card.public.kid_name}",
        f"{path}：{card.kid}\n密钥指纹 {card.public.kid_name}",
    )
