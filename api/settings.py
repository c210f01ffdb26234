"""What the operator decides: environment variables ``TANLU_…``, over ``config.env`` in the home directory.

Every field here is a row of the table in ``docs/operations.md``; a test compares the two. Relative paths are taken
from the home directory, so that a home can be moved whole.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from api.feed_settings import FeedSettings
from api.public_url import check_public_url

PREFIX = "TANLU_"
CONFIG_NAME = "config.env"
DEFAULT_HOME = "tanlu-home"

_FINALITY = r"^(anvil-state:.+|finalized|confirmations:(0|[1-9][0-9]{0,5}))$"


class Profile(StrEnum):
    """What the installation is for."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Role(StrEnum):
    """What a service process does; several processes may share one database."""

    API = "api"
    SEQUENCER = "sequencer"
    RELAYER = "relayer"
    REMINDERS = "reminders"


class SettingsRefused(Exception):
    """A setting that cannot be used: ``rule``, ``value``, ``expected`` and the text in English and Chinese."""

    def __init__(self, rule: str, value: object, expected: str, message: str, message_zh: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.value = str(value)
        self.expected = expected
        self.message = message
        self.message_zh = message_zh


class Settings(FeedSettings):
    """All settings, checked as one. Build them with :func:`load`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    home: Path = Field(Path(DEFAULT_HOME), description="The directory that relative paths start from.")
    profile: Profile = Field(
        Profile.PRODUCTION, description="`production` refuses what is fit for development only; see Profiles."
    )
    roles: Annotated[frozenset[Role], NoDecode] = Field(
        frozenset(Role),
        description="What this process does: any of `api`, `sequencer`, `relayer`, `reminders`, with commas.",
    )
    database_url: str = Field(
        "sqlite:///tanlu.sqlite3", description="SQLAlchemy URL: a SQLite file or `postgresql+psycopg://…`."
    )
    host: str = Field("127.0.0.1", description="Address that the service listens on.")
    port: int = Field(8700, ge=0, le=65535, description="Port that the service listens on; 0 takes a free one.")
    metrics_host: str = Field("127.0.0.1", description="Address that metrics are served on.")
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port of the metrics; 0 takes a free one; without it there are none."
    )
    rpc_url: str = Field("http://127.0.0.1:8545", description="JSON-RPC of the chain.")
    witness_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        ("http://127.0.0.1:8710",), description="Witnesses to ask for cosignatures, with commas."
    )
    trust_file: Path = Field(Path("trust.json"), description="What this deployment believes: keys, chain, contracts.")
    deployment_file: Path = Field(Path("deployment.json"), description="Address book of the deployed contracts.")
    plan_file: Path = Field(Path("plan.json"), description="How the contracts are deployed.")
    log_key_file: Path = Field(Path("keys/log.pem"), description="Log key: Ed25519, encrypted PKCS#8.")
    cosigner_key_file: Path = Field(
        Path("keys/cosigner.json"), description="The operator's cosigner of anchors: Ethereum keystore."
    )
    relayer_key_file: Path = Field(Path("keys/relayer.json"), description="Sender of transactions: Ethereum keystore.")
    deployer_key_file: Path = Field(
        Path("keys/deployer.json"), description="Deployer of the contracts: Ethereum keystore."
    )
    key_password_file: Path = Field(
        Path("keys/password"), description="File whose first line is the password of the key files."
    )
    finality: str = Field(
        "finalized",
        pattern=_FINALITY,
        description="When a block is final: `finalized`, `confirmations:<n>`, or `anvil-state:<sidecar file>`.",
    )
    sequencer_interval_ms: int = Field(
        500, ge=10, le=60_000, description="Pause between two looks for entries to integrate."
    )
    anchor_interval_ms: int = Field(
        500, ge=10, le=3_600_000, description="Pause between two rounds of the relayer and the projection."
    )
    reminders_file: Path = Field(
        Path("reminders.json"),
        description="Where reminders of deadlines go (docs/policies.md); no file: none are sent.",
    )
    reminder_interval_s: int = Field(60, ge=1, le=86_400, description="Pause between two looks for reminders to send.")
    integrate_within_s: int = Field(
        60, ge=1, le=86_400, description="How soon an accepted entry is promised to be in a checkpoint."
    )
    clock_skew_s: int = Field(300, ge=0, le=3_600, description="How far a signer's clock may be ahead.")
    bulk_max_lines: int = Field(100_000, ge=1, le=100_000, description="Lines in one bulk request.")
    bulk_max_bytes: int = Field(
        64 * 1024 * 1024, ge=65_538, le=64 * 1024 * 1024, description="Bytes in one bulk request."
    )
    bulk_chunk_lines: int = Field(
        1_000, ge=1, le=1_000, description="Lines that become durable together, under one promise."
    )
    verifiers: int = Field(
        -1, ge=-1, le=256, description="Processes that check signatures of bulk requests; -1: one per core; 0: none."
    )
    max_connections: int = Field(
        2_000, ge=1, le=60_000, description="Clients connected at a time; one more is answered with 503."
    )
    public_url: Annotated[str, AfterValidator(check_public_url)] = Field(
        "",
        description="The URL under which callers reach the service: what a sign-in must name. Empty: where it listens.",
    )
    token_minutes: int = Field(15, ge=1, le=1_440, description="How long a sign-in's token is good for.")
    requests_per_s: int = Field(
        200, ge=1, le=1_000_000, description="Requests per second of one identifier; ten seconds' worth at once."
    )
    anonymous_requests_per_s: int = Field(
        100, ge=1, le=1_000_000, description="Requests per second of one address that is not signed in."
    )
    bulk_lines_per_min: int = Field(
        1_000_000, ge=1_000, le=1_000_000_000, description="Lines of bulk requests per minute of one identifier."
    )
    bulk_requests_each: int = Field(2, ge=1, le=1_000, description="Bulk requests of one identifier at once.")
    bulk_requests: int = Field(8, ge=1, le=1_000, description="Bulk requests of all callers at once.")
    applications_per_hour: int = Field(
        60, ge=1, le=1_000_000, description="Applications per hour of one address; as many at once."
    )
    applications_most: int = Field(10_000, ge=1, le=1_000_000, description="Applications kept at a time.")
    applications_days: int = Field(
        365, ge=1, le=3_650, description="Days after which an application is erased; what the log says of it stays."
    )
    shutdown_grace_s: int = Field(
        20, ge=1, le=600, description="How long requests may still run after a request to stop."
    )
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="What is written to standard error."
    )
    log_format: str = Field("json", pattern="^(json|text)$", description="One line per event: `json` or `text`.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then ``config.env``; no secrets directory."""
        return init_settings, env_settings, dotenv_settings

    @field_validator("roles", "witness_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _resolve(self) -> Self:
        if not self.roles:
            raise ValueError("roles: name at least one of api, sequencer, relayer, reminders")
        home = self.home.expanduser().absolute()
        resolved: dict[str, object] = {"home": home, "database_url": _database_url(self.database_url, home)}
        for name in PATHS:
            resolved[name] = home / getattr(self, name).expanduser()
        kind, _, sidecar = self.finality.partition(":")
        if kind == "anvil-state":
            resolved["finality"] = f"anvil-state:{home / Path(sidecar).expanduser()}"
        # Frozen for everybody else: paths become absolute here, once.
        self.__dict__.update(resolved)
        return self


PATHS = (
    "trust_file",
    "deployment_file",
    "plan_file",
    "log_key_file",
    "cosigner_key_file",
    "relayer_key_file",
    "deployer_key_file",
    "key_password_file",
    "reminders_file",
)


def load(home: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings of the installation in ``home`` (default: ``TANLU_HOME``, then ``./tanlu-home``).

    ``overrides`` are fields given on the command line; None means not given. Raises SettingsRefused, which names the
    variable.
    """
    environ = os.environ if environ is None else environ
    home = Path(home or environ.get(f"{PREFIX}HOME") or DEFAULT_HOME)
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(_env_file=home / CONFIG_NAME, home=home, **given)  # type: ignore[call-arg]  # by pydantic-settings
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or str(first["msg"])
        raise SettingsRefused(
            "settings.value",
            first.get("input") if first["loc"] else "",
            str(first["msg"]),
            f"The setting {_variable(name)} cannot be used: {first['msg']}.",
            f"配置项 {_variable(name)} 不可用：{first['msg']}。",
        ) from None
    check_profile(settings)
    return settings


def check_profile(settings: Settings) -> None:
    """Refuse under ``production`` what is fit for development only.

    Raises SettingsRefused: ``settings.production.finality`` (a file of Anvil's says nothing about a real chain),
    ``settings.production.tls`` (plain HTTP to another machine), ``settings.production.permissions`` (a password or
    key file that others on the machine may read). That published development keys are never used on such a chain is
    judged where keys meet the chain, in any profile.
    """
    if settings.profile is not Profile.PRODUCTION:
        return
    if settings.finality.startswith("anvil-state"):
        raise SettingsRefused(
            "settings.production.finality",
            settings.finality,
            "finalized or confirmations:<n>",
            "TANLU_FINALITY=anvil-state is for development chains; this is the production profile.",
            "TANLU_FINALITY=anvil-state 只用于开发链；当前为生产模式。",
        )
    for name, url in [("RPC_URL", settings.rpc_url), *(("WITNESS_URLS", url) for url in settings.witness_urls)]:
        parts = urlsplit(url)
        if parts.scheme not in {"https", "wss"} and not is_loopback(parts.hostname or ""):
            raise SettingsRefused(
                "settings.production.tls",
                url,
                "https, or a loopback address",
                f"TANLU_{name} leaves this machine without TLS; the production profile refuses that.",
                f"TANLU_{name} 未经 TLS 离开本机；生产模式不允许。",
            )
    for path in (
        settings.key_password_file,
        settings.log_key_file,
        settings.cosigner_key_file,
        settings.relayer_key_file,
        settings.deployer_key_file,
    ):
        if path.exists() and path.stat().st_mode & 0o077:
            raise SettingsRefused(
                "settings.production.permissions",
                path,
                "mode 0600 or stricter",
                f"{path} may be read by others on this machine.",
                f"本机其他用户可以读取 {path}。",
            )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its spelling: ``localhost`` or a literal loopback address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _database_url(url: str, home: Path) -> str:
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url in {prefix, f"{prefix}:memory:"}:
        return url
    return f"{prefix}{home / url.removeprefix(prefix)}"


def _variable(field: str) -> str:
    return PREFIX + field.upper() if field in Settings.model_fields else field
