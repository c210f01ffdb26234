"""The operator's key files, opened once at start. Nothing here ever logs or returns a secret in text."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from api.settings import SettingsRefused
from attestation.errors import AttestationError
from attestation.keyfiles import decrypt
from attestation.keys import Algorithm, PrivateKey


class PublishedKeys(Protocol):
    """What whoever starts the service knows of keys that everybody knows (development accounts of chain engines)."""

    def refuse(self, key: bytes, rpc_url: str, chain_id: int) -> None:
        """Raise if this secp256k1 key (32 bytes) is published and the chain is no local development chain."""

    def payer(self, rpc_url: str, chain_id: int) -> bytes | None:
        """A published key that pays on a development chain; None on any other chain."""


def require_file(path: Path, variable: str, what: str, what_zh: str) -> Path:
    """The path, if there is a file. Raises SettingsRefused (``settings.missing``), which says what to do."""
    if not path.is_file():
        raise SettingsRefused(
            "settings.missing",
            path,
            f"a file; `tanlu init` makes it, {variable} names another",
            f"There is no {what} at {path}. Make a deployment with `tanlu init`, or set {variable}.",
            f"{path} 处没有{what_zh}。请用 tanlu init 新建部署，或设置 {variable}。",
        )
    return path


def read_password(path: Path) -> str:
    """The first line of a password file. Raises SettingsRefused."""
    require_file(path, "TANLU_KEY_PASSWORD_FILE", "key password file", "密钥口令文件")
    return path.read_text("utf-8").partition("\n")[0].rstrip("\r")


def open_key(path: Path, password: str, algorithm: Algorithm, variable: str) -> PrivateKey:
    """Decrypt one key file.

    Raises SettingsRefused (``settings.missing``, ``settings.key``: another password, no key file, another algorithm).
    """
    require_file(path, variable, "key file", "密钥文件")
    try:
        key = decrypt(path.read_bytes(), password)
    except AttestationError as error:
        raise SettingsRefused(
            "settings.key",
            path,
            error.expected,
            f"The key file {path} cannot be opened: {error.message}.",
            f"无法打开密钥文件 {path}：{error.message_zh}。",
        ) from error
    if key.algorithm is not algorithm:
        raise SettingsRefused(
            "settings.key",
            key.algorithm.value,
            algorithm.value,
            f"The key in {path} is {key.algorithm.value}; {variable} needs {algorithm.value}.",
            f"{path} 中的密钥是 {key.algorithm.value}，{variable} 需要 {algorithm.value}。",
        )
    return key
