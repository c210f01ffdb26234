"""How reminders are told: the operator's file ``reminders.json``, read once at start. Without the file there are none.

    {"webhook": "https://…",
     "mail": {"host", "port", "security", "from", "to": [address, …], "user"?, "password_file"?},
     "contacts": {identifier: [address, …]}}

Every member may be left out. ``security`` is ``tls``, ``starttls`` or, to a loopback address, ``plain``;
``password_file`` is taken from the file's own folder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec

from api.settings import Profile, SettingsRefused, is_loopback
from api.workers import Worker, new_holder
from attestation.errors import AttestationError
from attestation.identifiers import parse_identifier
from ledger.reminders import Channel, Contacts, Mail, MailServer, Reminders, Webhook
from ledger.reminders.channels import Security

if TYPE_CHECKING:
    from api.runtime import Runtime

_ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,255}")


class _MailFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    host: Annotated[str, msgspec.Meta(min_length=1)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]
    security: Security
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password_file: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    webhook: str = ""
    mail: _MailFile | None = None
    contacts: dict[str, tuple[str, ...]] = {}


def reminding(runtime: Runtime, channels: Sequence[Channel]) -> Worker | None:
    """The role that sends reminders over these channels; None where there is no channel."""
    if not channels:
        return None
    reminders = Reminders(runtime.database, runtime.parameters, channels, holder=new_holder())

    def one_round() -> bool:
        reminders.step()
        return False

    pause = runtime.settings.reminder_interval_s
    return Worker(
        "reminders", one_round, pause, runtime.stop, runtime.fail, reminders.release, observe=runtime.metrics.round
    )


def reminder_channels(path: Path, profile: Profile) -> list[Channel]:
    """The channels of the file; none without one.

    Raises SettingsRefused: ``settings.reminders`` (not such a file), ``settings.reminders.address``,
    ``settings.reminders.password``; under ``production`` also ``settings.production.tls`` and
    ``settings.production.permissions``.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    try:
        found = msgspec.json.decode(content, type=_File)
        for identifier in found.contacts:
            parse_identifier(identifier)
    except (msgspec.DecodeError, UnicodeDecodeError, AttestationError) as error:
        raise _refused("", str(error), "webhook, mail, contacts (docs/policies.md)", path) from None
    if profile is Profile.PRODUCTION:
        _check_mode(path)
    channels: list[Channel] = []
    if found.webhook:
        channels.append(_webhook(found.webhook, profile, path))
    if found.mail is not None:
        channels.append(_mail(found.mail, found.contacts, profile, path))
    return channels


def _webhook(url: str, profile: Profile, path: Path) -> Webhook:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _refused("", url, "an http or https URL", path)
    if profile is Profile.PRODUCTION and parts.scheme == "http" and not is_loopback(parts.hostname):
        raise _in_the_clear(url)
    return Webhook(url)


def _mail(mail: _MailFile, contacts: dict[str, tuple[str, ...]], profile: Profile, path: Path) -> Mail:
    for whose, addresses in {"from": (mail.sender,), "to": mail.to, **contacts}.items():
        if not all(_ADDRESS.fullmatch(address) for address in addresses):
            # Whose it is says where to look; the address itself is somebody's.
            raise _refused(".address", whose, "addresses of the form name@host", path)
    if not mail.to:
        raise _refused(".address", "to", "at least one address, which gets every reminder", path)
    if mail.security == "plain" and not is_loopback(mail.host):
        # A password and everybody's deadlines: in no profile.
        raise _in_the_clear(f"{mail.host}:{mail.port}")
    password = ""
    if mail.user:
        secret = path.parent / mail.password_file
        try:
            password = secret.read_text("utf-8").partition("\n")[0] if mail.password_file else ""
        except (OSError, UnicodeDecodeError):
            password = ""
        if not password:
            raise _refused(".password", mail.password_file, "a file whose first line is the password of user", path)
        if profile is Profile.PRODUCTION:
            _check_mode(secret)
    server = MailServer(mail.host, mail.port, mail.security, mail.user, password)
    return Mail(server, mail.sender, Contacts(mail.to, contacts))


def _check_mode(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise SettingsRefused(
            "settings.production.permissions",
            path,
            "mode 0600 or stricter",
            f"{path} may be read by others on this machine.",
            f"本机其他用户可以读取 {path}。",
        )


def _in_the_clear(where: str) -> SettingsRefused:
    return SettingsRefused(
        "settings.production.tls",
        where,
        "https or tls, or a loopback address",
        "Reminders would leave this machine without TLS.",
        "提醒将未经 TLS 离开本机。",
    )


def _refused(rule: str, value: str, expected: str, path: Path) -> SettingsRefused:
    return SettingsRefused(
        f"settings.reminders{rule}",
        value,
        expected,
        f"{path} cannot be used: {value}; expected {expected}.",
        f"{path} 不可用：{value}；应为：{expected}。",
    )
