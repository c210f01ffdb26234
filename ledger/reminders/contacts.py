"""Where enterprises want their mail: a file of the operator's. Addresses of persons are in no log, chain or table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ledger.errors import Malformed

ADDRESS = re.compile(r"[^\s@<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,255}")


class ContactsRefused(Malformed):
    """The contacts file is not what it must be."""


@dataclass(frozen=True, slots=True)
class Contacts:
    """``always``: who gets every reminder. ``by_enterprise``: who gets those of one, and those of the year."""

    always: tuple[str, ...]
    by_enterprise: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, enterprise: str | None) -> tuple[str, ...]:
        """The addresses for a reminder of an enterprise, or of the year; each once."""
        if enterprise is not None:
            more = self.by_enterprise.get(enterprise, ())
        else:
            more = tuple(address for addresses in self.by_enterprise.values() for address in addresses)
        return tuple(dict.fromkeys((*self.always, *more)))


def read_contacts(path: Path, always: tuple[str, ...]) -> Contacts:
    """The contacts of a JSON file {identifier: [address, …]}; of no file, ``always`` alone.

    Raises ContactsRefused (``contacts.form``, ``contacts.address``).
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Contacts(always)
    try:
        found = msgspec.json.decode(content, type=dict[str, tuple[str, ...]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _refusal("contacts.form", str(error), "JSON {identifier: [address, …]}") from None
    for identifier, addresses in found.items():
        for address in addresses:
            if not ADDRESS.fullmatch(address):
                # Whose it is says where to look; the address itself is somebody's.
                raise _refusal("contacts.address", identifier, "addresses of the form name@host")
    return Contacts(always, found)


def _refusal(rule: str, value: str, expected: str) -> ContactsRefused:
    return ContactsRefused(
        f"the contacts file cannot be used: {value}; expected {expected}",
        rule=rule,
        value=value,
        expected=expected,
        message_zh=f"联系人文件不可用：{value}；应为：{expected}",
    )
