"""A new deployment on disk: keys, trust file, configuration, each where its holder is.

::

    <home>/                  the operator's
      config.env             settings of the service (docs/operations.md)
      trust.json             what to believe; handed to everybody
      plan.json              how the contracts are deployed
      keys/                  log key, cosigner, relayer, deployer, and the password of the four
      witness/               the witness's own: move it to whoever runs the witness
      administration/        the park administration's own: registrar, governor, approver; the service never reads it
      regulator/             the regulator's own: the second approver of a new epoch

The trust file is complete before anything runs: the deployer account creates the contracts with its first nonces, so
their addresses follow from its address.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eth_utils.crypto import keccak

from attestation.identifiers import parse_identifier
from attestation.keyfiles import encrypt
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import build, prove_key
from attestation.typed_data import Domain
from ledger.chain.contracts import (
    CARBON_LEDGER,
    COMPLIANCE,
    CREDIT_SCORES,
    EMISSIONS_REGISTRY,
    EVIDENCE_LOG,
    EXCHANGE,
    IDENTIFIER_REGISTRY,
    NAMES,
)
from ledger.chain.deploy_plan import created_address
from ledger.chain.rpc import address_text
from ledger.checkpoint import SignatureKind, SignerKey
from ledger.trust import Trust
from ledger.witness.store import StateFile
from tanlu.errors import InputRefused
from tanlu.files import no_folder
from tanlu.keyring import write_key
from tanlu.signed import SignedStatements

REGISTRAR_STREAM: Final = "keys"
WITNESS_STATE: Final = "state/state.json"
FIRST_EPOCH: Final = 0
_EPOCH_DELAY_SECONDS: Final = 86_400
_DEVELOPMENT_EPOCH_DELAY_SECONDS: Final = 60
_PASSWORD_BYTES: Final = 24


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator decides when a deployment is made.

    ``name`` is the log's name (a host name as a rule), ``park`` the registrar's identifier. ``development`` fits the
    installation to a local chain of the program's own. ``recovery_delay``: seconds in which a holder can object to the
    recovery of a key.
    """

    name: str
    park: str
    chain_id: int
    rpc_url: str
    development: bool
    finality: str
    host: str = "127.0.0.1"
    port: int = 8700
    witness_host: str = "127.0.0.1"
    witness_port: int = 8710
    recovery_delay: int = 604_800


@dataclass(frozen=True, slots=True)
class Installation:
    """What was made, and where."""

    home: Path
    origin: str
    deployment_id: bytes
    trust: Trust

    @property
    def trust_file(self) -> Path:
        """The trust file."""
        return self.home / "trust.json"

    @property
    def first_entry(self) -> Path:
        """The registrar's own ``key`` statement: entry 0 of the log."""
        return self.home / "administration" / "registrar.jws"


def create(home: Path, choices: Choices) -> Installation:
    """Make a deployment in ``home``, which must not exist or be empty.

    It appears whole or not at all: everything is written beside it and renamed in the end. Raises InputRefused
    (``init.home``, ``file.folder``) and StatementMalformed (``identifier.…``).
    """
    home = home.absolute()
    try:
        used = home.exists() and (not home.is_dir() or any(home.iterdir()))
    except OSError as error:
        raise no_folder(home, error) from error
    if used:
        raise InputRefused(
            rule="init.home",
            value=home,
            expected="a directory that does not exist yet, or an empty one",
            message=f"{home} is in use; nothing was written",
            message_zh=f"{home} 已被使用，未写入任何内容",
        )
    parse_identifier(choices.park)
    draft = home.with_name(f".{home.name}.{secrets.token_hex(4)}")
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
    except OSError as error:
        raise no_folder(home.parent, error) from error
    try:
        made = _Draft(draft, choices).write()
        if home.exists():
            home.rmdir()
        draft.rename(home)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Installation(home, made.log, made.deployment_id, made)


class _Draft:
    """One deployment while it is written."""

    def __init__(self, folder: Path, choices: Choices) -> None:
        self._folder = folder
        self._choices = choices
        self._deployment_id = secrets.token_bytes(32)
        self._origin = f"{choices.name}/log/{self._deployment_id.hex()}"

    def write(self) -> Trust:
        keys = self._folder / "keys"
        log = self._key(keys, "log.pem", Algorithm.ED25519)
        cosigner = self._key(keys, "cosigner.json", Algorithm.ES256K)
        relayer = self._key(keys, "relayer.json", Algorithm.ES256K)
        deployer = self._key(keys, "deployer.json", Algorithm.ES256K)
        addresses = {name: created_address(_address(deployer), nonce) for nonce, name in enumerate(NAMES)}
        witness = self._key(self._folder / "witness", "witness.pem", Algorithm.ED25519)
        witness_cosigner = self._key(self._folder / "witness", "cosigner.json", Algorithm.ES256K)
        governor = self._key(self._folder / "administration", "governor.json", Algorithm.ES256K)
        approvers = {
            body: self._key(self._folder / body, "approver.json", Algorithm.ES256K)
            for body in ("administration", "regulator")
        }
        registrar = self._registrar(Domain(self._choices.chain_id, addresses[IDENTIFIER_REGISTRY], self._deployment_id))

        log_signer = SignerKey(self._origin, SignatureKind.ED25519, log)
        witness_signer = SignerKey(f"{self._choices.name}/witness", SignatureKind.COSIGNATURE, witness)
        cosigners = tuple(sorted((_address(cosigner), _address(witness_cosigner))))
        trust = Trust(
            log=self._origin,
            log_key=log_signer.verifier,
            witnesses=(witness_signer.verifier,),
            witness_quorum=1,
            registrar_identifier=self._choices.park,
            registrar=registrar.public,
            deployment_id=self._deployment_id,
            chain_id=self._choices.chain_id,
            evidence_log=addresses[EVIDENCE_LOG],
            identifier_registry=addresses[IDENTIFIER_REGISTRY],
            cosigners=cosigners,
            cosigner_threshold=len(cosigners),
            emissions_registry=addresses[EMISSIONS_REGISTRY],
            carbon_ledger=addresses[CARBON_LEDGER],
            compliance=addresses[COMPLIANCE],
            credit_scores=addresses[CREDIT_SCORES],
            exchange=addresses[EXCHANGE],
        )
        _write(self._folder / "trust.json", trust.format(), 0o644)
        self._write_json(
            "plan.json",
            {
                "v": 1,
                "type": "plan",
                "chain_id": self._choices.chain_id,
                "deployment_id": self._deployment_id.hex(),
                "cosigners": [address_text(address) for address in cosigners],
                "threshold": len(cosigners),
                "epoch_delay": _DEVELOPMENT_EPOCH_DELAY_SECONDS if self._choices.development else _EPOCH_DELAY_SECONDS,
                "recovery_delay": self._choices.recovery_delay,
                "approvers": [
                    {"address": address_text(_address(key)), "body": keccak(text=body).hex()}
                    for body, key in approvers.items()
                ],
                "registrar": address_text(_address(relayer)),
                "governor": address_text(_address(governor)),
                "contracts": list(NAMES),
            },
        )
        self._write_json(
            "witness/witness.json",
            {
                "v": 1,
                "type": "witness",
                "name": witness_signer.name,
                "log": self._origin,
                "log_key": str(log_signer.verifier),
                "chain_id": self._choices.chain_id,
                "evidence_log": address_text(addresses[EVIDENCE_LOG]),
                "deployment_id": self._deployment_id.hex(),
                "key_file": "witness.pem",
                "cosigner_key_file": "cosigner.json",
                "key_password_file": "password",
                "state_file": WITNESS_STATE,
                "host": self._choices.witness_host,
                "port": self._choices.witness_port,
            },
        )
        with StateFile(self._folder / "witness" / WITNESS_STATE) as store:
            store.load(self._origin, first_epoch=FIRST_EPOCH)
        _write(self._folder / "config.env", self._config().encode(), 0o600)
        return trust

    def _registrar(self, registry: Domain) -> PrivateKey:
        key = PrivateKey.generate(Algorithm.ED25519)
        folder = self._folder / "administration"
        park, purposes, now = self._choices.park, Purpose.ADMINISTRATION, int(time.time())
        write_key(folder / "registrar.pem", key, self._password(folder), identifier=park, purposes=purposes)
        body = prove_key(
            log=self._origin, identifier=park, kind=Kind.PARK, key=key, purposes=purposes, iat=now, domain=registry
        )
        entry = build("key", log=self._origin, iss=park, key=key, iat=now, stream=REGISTRAR_STREAM, seq=1, body=body)
        _write(folder / "registrar.jws", entry, 0o644)
        # Kept as every hand-signed statement is: nothing else is ever signed for its place.
        SignedStatements(folder / "registrar.pem", self._origin).sign(REGISTRAR_STREAM, 1, lambda _: entry)
        return key

    def _key(self, folder: Path, name: str, algorithm: Algorithm) -> PrivateKey:
        key = PrivateKey.generate(algorithm)
        password = self._password(folder)
        _write(folder / name, encrypt(key, password, fast=self._choices.development), 0o600)
        return key

    def _password(self, folder: Path) -> str:
        """The password of a holder's folder: one file per holder, made with the folder."""
        path = folder / "password"
        if not path.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _write(path, secrets.token_urlsafe(_PASSWORD_BYTES).encode() + b"\n", 0o600)
        return path.read_text("ascii").rstrip("\n")

    def _config(self) -> str:
        choices = self._choices
        settings = {
            "PROFILE": "development" if choices.development else "production",
            "HOST": choices.host,
            "PORT": choices.port,
            "RPC_URL": choices.rpc_url,
            "WITNESS_URLS": f"http://{choices.witness_host}:{choices.witness_port}",
            "FINALITY": choices.finality,
        }
        lines = [
            "# Settings of the service; docs/operations.md has them all. The environment has precedence.",
            "# 服务配置；全部选项见 docs/operations.md。环境变量优先。",
            *(f"TANLU_{name}={value}" for name, value in settings.items()),
        ]
        return "\n".join(lines) + "\n"

    def _write_json(self, name: str, document: Mapping[str, object]) -> None:
        _write(self._folder / name, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n", 0o644)


def _address(key: PrivateKey) -> bytes:
    address = key.public.evm_address
    if address is None:
        raise TypeError("only secp256k1 keys have an address on chain")
    return address


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
