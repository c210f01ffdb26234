"""``tanlu witness``: a witness over its own folder, which holds its keys, its configuration and its state."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
import msgspec
from eth_utils.address import to_canonical_address

from attestation.keyfiles import decrypt
from attestation.keys import PrivateKey
from attestation.typed_data import Domain
from ledger.checkpoint import SignatureKind, SignerKey, VerifierKey
from ledger.witness.server import run
from ledger.witness.service import WitnessSettings
from tanlu.cli.console import CommandRefused, console
from tanlu.home import home_of

CONFIG_NAME = "witness.json"


class WitnessConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``witness.json``; paths are taken from its folder."""

    v: Literal[1]
    type: Literal["witness"]
    name: str
    log: str
    log_key: str
    chain_id: int
    evidence_log: str
    deployment_id: str
    key_file: str
    cosigner_key_file: str
    key_password_file: str
    state_file: str
    host: str
    port: int


@click.command()
@click.option("--home", type=click.Path(path_type=Path), help="The service's home, with the folder witness. 主目录")
@click.option("--folder", type=click.Path(path_type=Path), help="The witness's folder, if elsewhere. 见证人目录")
@click.option("--host", help="Address to listen on; default: that of witness.json. 监听地址")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one. 端口")
def command(*, home: Path | None, folder: Path | None, host: str | None, port: int | None) -> None:
    """Run the witness until SIGTERM. 运行见证人

    It cosigns a checkpoint only if it extends the last one it cosigned. A witness that the operator runs proves nothing
    against the operator.
    """
    place = folder or home_of(home) / "witness"
    config = read_config(place)
    out = console()

    def ready(url: str) -> None:
        out.result(
            {"ready": True, "url": url, "name": config.name, "log": config.log},
            f"ready: {url}, witness {config.name} of {config.log}",
            f"已就绪：{url}，日志 {config.log} 的见证人 {config.name}",
        )

    run(
        open_settings(place, config),
        host=host or config.host,
        port=config.port if port is None else port,
        ready=ready,
    )
    out.note("stopped", "已停止")


def read_config(folder: Path) -> WitnessConfig:
    """The configuration in a witness's folder. Raises CommandRefused (``witness.config``)."""
    path = folder / CONFIG_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=WitnessConfig)
    except (OSError, msgspec.MsgspecError) as error:
        raise CommandRefused(
            "witness.config",
            path,
            "the witness.json that `tanlu init` wrote",
            f"{path} is no witness configuration: {error}",
            f"{path} 不是见证人配置：{error}",
        ) from error


def open_settings(folder: Path, config: WitnessConfig) -> WitnessSettings:
    """The witness's settings with its keys opened. Raises CommandRefused, KeyFileRefused, NoteMalformed."""
    password = _read(folder / config.key_password_file).decode("utf-8").partition("\n")[0]

    def key(name: str) -> PrivateKey:
        return decrypt(_read(folder / name), password)

    return WitnessSettings(
        origin=config.log,
        log_keys=(VerifierKey.parse(config.log_key),),
        signer=SignerKey(config.name, SignatureKind.COSIGNATURE, key(config.key_file)),
        state_path=folder / config.state_file,
        chain_signer=SignerKey(config.name, SignatureKind.EIP712, key(config.cosigner_key_file)),
        domain=Domain(config.chain_id, to_canonical_address(config.evidence_log), bytes.fromhex(config.deployment_id)),
        # A state that is gone must not begin anew by itself: this witness would cosign a fork.
        first_epoch=None,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandRefused(
            "witness.file",
            path,
            "a file of the witness's folder",
            f"{path} cannot be read: {error.strerror}",
            f"无法读取 {path}：{error.strerror}",
        ) from error
