"""``tanlu keys add``, ``rotate``, ``revoke`` and ``compromise``: what becomes of keys."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.judging.newcomers import check_thumbprint
from attestation.keys import Algorithm, PrivateKey
from tanlu.cli import options
from tanlu.cli.keys import making
from tanlu.cli.keys.saying import Speaker, Speaking, card_members, speaks
from tanlu.cli.keys.thumbprints import ThumbprintCommand
from tanlu.keyring import open_key, write_key

_reason = "1 to 500 characters, in the log for everybody to read. 原因"


_consent = click.option(
    "--consent",
    "consent_path",
    type=options.FILE,
    help="An ES256K key file of the same holder, where the registry contract asks for its consent. 同意方密钥",
)
_consent_password = click.option(
    "--consent-password-file",
    type=options.FILE,
    help="First line is the password of --consent; else that of --key. 同意方密钥密码文件",
)


@click.command()
@making.algorithm
@making.purposes
@making.out
@making.password_file
@_consent
@_consent_password
@speaks
def add(
    *,
    speaking: Speaking,
    algorithm: str,
    purposes: tuple[str, ...],
    path: Path,
    new_password_file: Path | None,
    consent_path: Path | None,
    consent_password_file: Path | None,
) -> None:
    """Make one more key for the holder of --key, and put it in the log. 增加密钥

    --key has the purpose `administration`. The new key's file is written before anything is sent.
    """
    making.require_new(path)
    wanted = making.parse(purposes)
    with speaking.open() as speaker:
        consent = _consenting(consent_path, consent_password_file, speaker)
        key = PrivateKey.generate(Algorithm(algorithm))
        prepared = speaker.life.prepare(speaker.life.bodies.addition(key, wanted, consent=consent))
        identifier = speaker.held.card.identifier
        card = write_key(path, key, _password(new_password_file, speaker), identifier=identifier, purposes=wanted)
        accepted = speaker.say(prepared, path)
        speaker.result(
            accepted,
            prepared,
            {"action": "add", **card_members(path, card)},
            f"{path}: {card.kid} added",
            f"{path}：已增加 {card.kid}",
        )


@click.command()
@click.option("--algorithm", type=making.ALGORITHMS, help="Signature algorithm; else that of --key. 签名算法")
@making.out
@making.password_file
@_consent
@_consent_password
@speaks
def rotate(
    *,
    speaking: Speaking,
    algorithm: str | None,
    path: Path,
    new_password_file: Path | None,
    consent_path: Path | None,
    consent_password_file: Path | None,
) -> None:
    """Put a new key, with the same purposes, in the place of --key. 轮换密钥

    The old key signs this and nothing after it. The new key's file is written before anything is sent.
    """
    making.require_new(path)
    with speaking.open() as speaker:
        old = speaker.held
        key = PrivateKey.generate(old.private.algorithm if algorithm is None else Algorithm(algorithm))
        body = speaker.life.bodies.rotation(key, _consenting(consent_path, consent_password_file, speaker))
        prepared = speaker.life.prepare(body)
        purposes = making.parse(body.key.purposes)
        password = _password(new_password_file, speaker)
        card = write_key(path, key, password, identifier=old.card.identifier, purposes=purposes)
        accepted = speaker.say(prepared, path)
        speaker.result(
            accepted,
            prepared,
            {"action": "rotate", **card_members(path, card), "replaces": old.card.public.kid_name},
            f"{path}: {card.kid} in place of {old.card.public.kid_name}",
            f"{path}：{card.kid} 已替换 {old.card.public.kid_name}",
        )


@click.command(cls=ThumbprintCommand)
@click.argument("thumbprint")
@click.option("--reason", help=_reason)
@speaks
def revoke(*, speaking: Speaking, thumbprint: str, reason: str | None) -> None:
    """The key of THUMBPRINT signs nothing any more. 撤销密钥

    --key is that key itself, or an `administration` key of its holder, of the holder's parent, or of the registrar.
    """
    check_thumbprint(thumbprint, "THUMBPRINT")
    with speaking.open() as speaker:
        body = speaker.life.bodies.revocation(thumbprint, reason)
        prepared = speaker.life.prepare(body)
        accepted = speaker.say(prepared)
        speaker.result(
            accepted,
            prepared,
            {"action": "revoke", "identifier": body.identifier, "thumbprint": thumbprint},
            f"{body.identifier}#{thumbprint} revoked",
            f"已撤销 {body.identifier}#{thumbprint}",
        )


@click.command(cls=ThumbprintCommand)
@click.argument("thumbprint")
@click.option(
    "--since",
    type=click.IntRange(1),
    required=True,
    metavar="INDEX",
    help="The first entry of the log that is not believed any more. 自该条目起不再可信",
)
@click.option("--reason", required=True, help=_reason)
@speaks
def compromise(*, speaking: Speaking, thumbprint: str, since: int, reason: str) -> None:
    """Declare, as the registrar, from which entry on a key is not believed; it is revoked as well. 宣告密钥失密

    Keys that it brought from there on go with it. Declared once: `tanlu keys flagged` lists what it puts in doubt.
    """
    check_thumbprint(thumbprint, "THUMBPRINT")
    with speaking.open() as speaker:
        body = speaker.life.bodies.declaration(thumbprint, since, reason)
        prepared = speaker.life.prepare(body)
        accepted = speaker.say(prepared)
        speaker.result(
            accepted,
            prepared,
            {
                "action": "compromise",
                "identifier": body.identifier,
                "thumbprint": thumbprint,
                "compromised_since": since,
            },
            f"{body.identifier}#{thumbprint} is not believed from entry {since} on",
            f"自第 {since} 条记录起，{body.identifier}#{thumbprint} 不再可信",
        )


def _consenting(path: Path | None, password_file: Path | None, speaker: Speaker) -> PrivateKey | None:
    return None if path is None else open_key(path, _password(password_file, speaker)).private


def _password(path: Path | None, speaker: Speaker) -> str:
    return speaker.password if path is None else options.read_password(path)
