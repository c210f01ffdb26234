"""``tanlu loss``: readings that will not come are declared lost."""

from __future__ import annotations

from pathlib import Path

import click

from attestation.bodies import MAX_SEQ, Loss
from tanlu.cli import options
from tanlu.cli.console import console
from tanlu.cli.sending import sending
from tanlu.client import Client, Losses
from tanlu.client.losses import STREAM
from tanlu.keyring import open_key
from tanlu.signed import SignedStatements
from tanlu.trustfile import load_trust


@click.group()
def command() -> None:
    """Declare readings lost that will not come. 声明读数缺失"""


@command.command()
@click.option("--device", help="The meter; else the holder of --key. 计量设备")
@click.option("--stream", required=True, help="The meter's stream. 数据流")
@click.option("--first", "first_seq", type=click.IntRange(1, MAX_SEQ), required=True, help="First seq. 起始序号")
@click.option("--last", "last_seq", type=click.IntRange(1, MAX_SEQ), required=True, help="Last seq. 终止序号")
@click.option("--reason", required=True, help="1 to 500 characters, in the log. 原因")
@click.option(
    "--own-stream", default=STREAM, show_default=True, help="The signer's stream for this. 签署者自己的数据流"
)
@options.key
@options.server
@options.trust
@options.password_file
@options.patience
def declare(
    *,
    device: str | None,
    stream: str,
    first_seq: int,
    last_seq: int,
    reason: str,
    own_stream: str,
    key_path: Path,
    server: str,
    trust_path: Path,
    password_file: Path | None,
    patience: float,
) -> None:
    """Declare the open readings from --first to --last lost, for ever. 声明缺失

    --key is the meter's own, or a `statement` key of its enterprise. What the log would refuse is refused before it is
    signed for anybody. There is no way back: nothing enters at a lost place any more.
    """
    trust = load_trust(trust_path)
    held = open_key(key_path, options.read_password(password_file))
    who = options.signs_in(held)
    kept = SignedStatements(key_path, trust.log)
    loss = Loss(
        device=device or held.card.identifier, stream=stream, first_seq=first_seq, last_seq=last_seq, reason=reason
    )
    with Client(server, trust=trust, patience=patience, credentials=who) as client:
        losses = Losses(client, who, trust, stream=own_stream, kept=kept)
        prepared = losses.prepare(loss)
        with sending(kept.path(own_stream, prepared.seq)):
            accepted = losses.submit(prepared)
    place, count = f"{loss.device} {stream} {first_seq}-{last_seq}", last_seq - first_seq + 1
    console().result(
        {
            "device": loss.device,
            "stream": stream,
            "first_seq": first_seq,
            "last_seq": last_seq,
            "count": count,
            "reason": reason,
            "index": accepted.index,
            "statement_id": accepted.statement_id,
            "own_stream": own_stream,
            "seq": prepared.seq,
            "repeated": accepted.repeated,
            "promise": accepted.promise,
        },
        f"{place}: {count} declared lost: entry {accepted.index}",
        f"{place}：已声明缺失 {count} 条：第 {accepted.index} 条记录",
    )
