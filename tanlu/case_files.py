"""What a verifier writes by hand: findings and adjustments as JSON files, resolutions as options; and the secret of a
draw, which the registrar keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from attestation.bodies.findings import FindingItem
from attestation.bodies.verdicts import RESOLUTIONS, Adjustment, Resolution
from attestation.draws import commitment_of
from attestation.encoding import strict_json
from attestation.errors import AttestationError
from attestation.judging.cases import check_digest
from ledger.trust import Trust
from tanlu.client.cases import OpenItem
from tanlu.errors import InputRefused
from tanlu.files import write_new

SECRET_TYPE = "draw-secret"  # noqa: S105 - the type of a file, not a secret
_SECRET_MODE = 0o600
_Listed = TypeVar("_Listed")


def read_items(path: Path) -> tuple[FindingItem, ...]:
    """The items of a finding: a JSON list, or an object with the list ``items``. Raises InputRefused
    (``case.items``)."""
    return _listed(path, "items", FindingItem)


def read_adjustments(path: Path) -> tuple[Adjustment, ...]:
    """The adjustments of a verdict: a JSON list, or an object with the list ``adjustments``. Raises InputRefused
    (``case.adjustments``)."""
    return _listed(path, "adjustments", Adjustment)


def read_resolutions(texts: Iterable[str], waiting: Iterable[OpenItem]) -> tuple[Resolution, ...]:
    """``ITEM=RESOLUTION`` or ``FINDING:ITEM=RESOLUTION`` each, the item one of those that wait.

    Raises InputRefused: ``case.resolution`` for another form, and for an item that is not open or that several findings
    have.
    """
    open_items = tuple(waiting)
    return tuple(_resolution(text, open_items) for text in texts)


@dataclass(frozen=True, slots=True)
class DrawSecret:
    """The registrar's 32 bytes of a draw, in hex."""

    enterprise: str
    year: int
    secret: str

    @property
    def commitment(self) -> str:
        """The SHA-256 that the draw committed to, in hex."""
        return commitment_of(bytes.fromhex(self.secret)).hex()


def write_secret(path: Path, trust: Trust, secret: DrawSecret) -> None:
    """Keep the secret, for its owner alone to read. Raises InputRefused (``file.exists``, ``file.folder``)."""
    document = {"v": 1, "type": SECRET_TYPE, "log": trust.log, **_members(secret)}
    write_new(path, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n", _SECRET_MODE)


def read_secret(path: Path, trust: Trust) -> DrawSecret:
    """The secret that was kept. Raises InputRefused (``case.secret``)."""
    wanted = "the file that `tanlu case draw open` wrote, for this log"
    document = _json(path, "secret", wanted)
    head = {"v": 1, "type": SECRET_TYPE, "log": trust.log}
    if not isinstance(document, dict) or {name: document.get(name) for name in head} != head:
        found = document.get("log", "no log") if isinstance(document, dict) else "no object"
        raise _unusable("secret", f"{path.name}: {found}", wanted)
    try:
        kept = msgspec.convert(document, DrawSecret)
        check_digest(kept.secret, "secret")
    except (msgspec.ValidationError, AttestationError) as error:
        raise _unusable("secret", f"{path.name}: {error}", wanted) from error
    return kept


def _members(secret: DrawSecret) -> dict[str, Any]:
    return dict(msgspec.to_builtins(secret))


def _listed(path: Path, name: str, kind: type[_Listed]) -> tuple[_Listed, ...]:
    wanted = f"a JSON list of {name} (docs/verification.md), each {', '.join(_required(kind))}"
    document = _json(path, name, wanted)
    if isinstance(document, dict) and set(document) == {name}:
        document = document[name]
    try:
        found = msgspec.convert(document, tuple[kind, ...])  # type: ignore[valid-type]  # a type that is handed in
    except msgspec.ValidationError as error:
        raise _unusable(name, f"{path.name}: {error}", wanted) from error
    if not found:
        raise _unusable(name, f"{path.name}: none", wanted)
    return found


def _required(kind: type) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind) if field.required]


def _json(path: Path, name: str, wanted: str) -> Any:
    try:
        return strict_json(path.read_bytes())
    except AttestationError as error:
        raise _unusable(name, f"{path.name}: {error.rule}: {error.value}", wanted) from error


def _resolution(text: str, waiting: tuple[OpenItem, ...]) -> Resolution:
    named, mark, resolution = text.rpartition("=")
    finding, _, item = named.rpartition(":")
    if not (mark and item and resolution in RESOLUTIONS):
        raise _unusable("resolution", text, f"[FINDING:]ITEM=RESOLUTION, one of {', '.join(RESOLUTIONS)}")
    found = [one for one in waiting if one.item == item and finding in {"", one.finding}]
    if len(found) != 1:
        listed = ", ".join(f"{one.finding}:{one.item}" for one in waiting) or "no non-conformity is open"
        raise _unusable("resolution", text, f"one of {listed}")
    return Resolution(finding=found[0].finding, item=item, resolution=resolution)


_SENTENCES = {
    "items": ("These are no items of a finding", "不是有效的核查发现条目"),
    "adjustments": ("These are no adjustments", "不是有效的调整条目"),
    "resolution": ("This resolves no open non-conformity", "未指明待关闭的不符合项及其处理方式"),
    "secret": ("This file holds no secret of a draw", "该文件不含抽签秘密值"),
}


def _unusable(name: str, value: str, expected: str) -> InputRefused:
    english, chinese = _SENTENCES[name]
    return InputRefused(
        rule=f"case.{name}",
        value=value,
        expected=expected,
        message=f"{english}: {value}; expected {expected}",
        message_zh=f"{chinese}：{value}；应为：{expected}",
    )
