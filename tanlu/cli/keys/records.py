"""``tanlu keys show``, ``list`` and ``flagged``: what is known of keys."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from attestation.instants import format_instant
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.keys.thumbprints import ThumbprintCommand, is_thumbprint
from tanlu.client import Client, Key, KeyLog
from tanlu.errors import InputRefused
from tanlu.keyring import read_card
from tanlu.trustfile import load_trust


@click.command(cls=ThumbprintCommand)
@click.argument("what", metavar="FILE|THUMBPRINT")
@options.server
@options.patience
def show(*, what: str, server: str, patience: float) -> None:
    """Show whose key a file is, or what the log says of a key. 显示密钥信息

    A FILE needs no password and no service. Of a THUMBPRINT the service is asked: from where to where it signs, since
    when it is not believed, and which recoveries were proposed for it, with the time until which a veto stops them.
    """
    path = Path(what)
    if path.is_file():
        _show_card(path)
        return
    if not is_thumbprint(what):
        raise click.BadParameter(
            f"{what} is no file and no thumbprint. 既非文件，也非密钥指纹。", param_hint="FILE|THUMBPRINT"
        )
    # What is asked is public, and the answer's key is checked against the thumbprint: no trust file is needed.
    with Client(server, trust=None, patience=patience) as client:
        key = require(client, what)
    console().result(msgspec.to_builtins(key), "\n".join(_english(key)), "\n".join(_chinese(key)))


@click.command(name="list")
@click.argument("identifier")
@options.server
@options.patience
def list_command(*, identifier: str, server: str, patience: float) -> None:
    """List the keys that an identifier has or had. 列出标识的密钥"""
    with Client(server, trust=None, patience=patience) as client:
        keys = client.keys.of(identifier)
        since = {key.thumbprint: _compromised_since(client, key) for key in keys}
    console().result(
        {
            "identifier": identifier,
            "keys": [msgspec.to_builtins(key) | {"compromised_since": since[key.thumbprint]} for key in keys],
        },
        "\n".join(f"{_listed(key)}; {', '.join(_word(key, since[key.thumbprint]))}" for key in keys) or "none",
        "\n".join(f"{_listed(key)}；{'，'.join(_word_zh(key, since[key.thumbprint]))}" for key in keys) or "无",
    )


@click.command(cls=ThumbprintCommand)
@click.argument("thumbprint")
@options.server
@options.trust
@options.as_key
@options.password_file
@options.patience
def flagged(
    *,
    thumbprint: str,
    server: str,
    trust_path: Path,
    as_path: Path | None,
    password_file: Path | None,
    patience: float,
) -> None:
    """List what a compromised key puts in doubt. 列出失密密钥所涉条目

    `direct`: the key signed it; `derived`: a key did that it brought; `citing`: a report that cites such readings;
    `resting`: what rests on a policy, report, verdict or admission in doubt: a report, verdict, registration, label,
    approval or enrolment.
    """
    trust = load_trust(trust_path)
    who = options.credentials(as_path, password_file)
    with Client(server, trust=trust, patience=patience, credentials=who) as client:
        key = require(client, thumbprint)
        entries = list(client.keys.flagged(thumbprint))
    since = key.compromised_since
    lines = [f"{each.index} {each.type} {each.issuer} {each.stream} {each.seq} {each.why}" for each in entries]
    console().result(
        {
            "thumbprint": thumbprint,
            "identifier": key.identifier,
            "compromised_since": since,
            "entries": msgspec.to_builtins(entries),
        },
        "\n".join([*lines, _total(key, len(lines))]),
        "\n".join(
            [*lines, "该密钥未被宣告失密" if since is None else f"自第 {since} 条记录起，共标记 {len(lines)} 条"]
        ),
    )


def require(client: Client, thumbprint: str) -> KeyLog:
    """The key of that thumbprint. Raises InputRefused (``keys.unknown``)."""
    found = client.keys.find(thumbprint) if is_thumbprint(thumbprint) else None
    if found is None:
        raise InputRefused(
            rule="keys.unknown",
            value=thumbprint,
            expected="the thumbprint of a key of this log (`tanlu keys list IDENTIFIER`)",
            message=f"This log has no key {thumbprint}",
            message_zh=f"本日志没有密钥 {thumbprint}",
        )
    return found


def _show_card(path: Path) -> None:
    card = read_card(path)
    purposes = ", ".join(card.purposes.names())
    console().result(
        card.as_dict(),
        f"kid {card.kid}\nthumbprint {card.public.kid_name}\nalgorithm {card.public.algorithm}\npurposes {purposes}",
        f"kid {card.kid}\n密钥指纹 {card.public.kid_name}\n算法 {card.public.algorithm}\n用途 {purposes}",
    )


def _english(key: KeyLog) -> list[str]:
    lines = [f"kid {key.identifier}#{key.thumbprint}", f"algorithm {key.algorithm}"]
    lines += [f"purposes {', '.join(key.purposes)}", *_word(key, key.compromised_since)]
    lines += [
        f"recovery proposed by entry {each.index}, {each.state}: key {each.thumbprint}, "
        f"not before {format_instant(each.ready_at)}"
        for each in key.recoveries
    ]
    return lines


def _chinese(key: KeyLog) -> list[str]:
    lines = [f"kid {key.identifier}#{key.thumbprint}", f"算法 {key.algorithm}"]
    lines += [f"用途 {', '.join(key.purposes)}", *_word_zh(key, key.compromised_since)]
    states = {"pending": "等待中", "vetoed": "已否决", "completed": "已完成"}
    lines += [
        f"第 {each.index} 条记录提议恢复（{states.get(each.state, each.state)}）：密钥 {each.thumbprint}，"
        f"不早于 {format_instant(each.ready_at)}"
        for each in key.recoveries
    ]
    return lines


def _compromised_since(client: Client, key: Key) -> int | None:
    # A declaration ends the key as well, so that of a key without an end nothing needs to be asked.
    return None if key.revoked_index is None else require(client, key.thumbprint).compromised_since


def _listed(key: Key) -> str:
    return f"{key.thumbprint} {key.algorithm} {', '.join(key.purposes)}"


def _word(key: Key, since: int | None) -> list[str]:
    end = "" if key.revoked_index is None else f", ended by entry {key.revoked_index}"
    doubt = [] if since is None else [f"not believed from entry {since} on"]
    return [f"signs after entry {key.activated_index}{end}", *doubt]


def _word_zh(key: Key, since: int | None) -> list[str]:
    end = "" if key.revoked_index is None else f"，由第 {key.revoked_index} 条记录终止"
    doubt = [] if since is None else [f"自第 {since} 条记录起不再可信"]
    return [f"自第 {key.activated_index} 条记录之后有效{end}", *doubt]


def _total(key: KeyLog, count: int) -> str:
    if key.compromised_since is None:
        return "The key is not declared compromised"
    return f"{count} flagged from entry {key.compromised_since} on"
