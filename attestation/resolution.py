"""What resolving an identifier returns: typed, indexed values (DOMAIN 51; RFC 3651 §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attestation.context import IdentifierRecord, KeyRecord
from attestation.encoding import compact_json
from attestation.identifiers import account_id, to_scheme

_FIRST_KEY_INDEX = 100


@dataclass(frozen=True, slots=True)
class IndexedValue:
    """One value of an identifier's record: ``index`` is unique in it, ``type`` says how to read ``value``."""

    index: int
    type: str
    value: str


def resolve(record: IdentifierRecord, keys: Sequence[KeyRecord]) -> tuple[IndexedValue, ...]:
    """The values of an enrolled identifier, by index:

    1 ``SCHEME``, 2 ``KIND``, 3 ``PARENT``, 4 ``GROUP`` (the last two where there is one), 5 ``ACCOUNT`` (account id on
    chain, hex with ``0x``), 6 ``ENROLLED`` (log index), and from 100 on each key in the order given: ``KEY``, compact
    JSON {``kid``, ``jwk``, ``purposes``, ``activated_index``, ``revoked_index``?, ``compromised_since``?,
    ``authorised_by``?}.
    """
    values = [
        IndexedValue(1, "SCHEME", to_scheme(record.identifier)["scheme"]),
        IndexedValue(2, "KIND", record.kind.value),
        IndexedValue(5, "ACCOUNT", "0x" + account_id(record.identifier).hex()),
        IndexedValue(6, "ENROLLED", str(record.enrolled_index)),
    ]
    if record.parent is not None:
        values.append(IndexedValue(3, "PARENT", record.parent))
    if record.group is not None:
        values.append(IndexedValue(4, "GROUP", record.group))
    values += [IndexedValue(_FIRST_KEY_INDEX + number, "KEY", _key_value(key)) for number, key in enumerate(keys)]
    return tuple(sorted(values, key=lambda value: value.index))


def _key_value(key: KeyRecord) -> str:
    members: dict[str, object] = {
        "kid": f"{key.identifier}#{key.key.kid_name}",
        "jwk": key.key.to_jwk(),
        "purposes": key.purposes.names(),
        "activated_index": key.activated_index,
    }
    for name, value in (
        ("revoked_index", key.revoked_index),
        ("compromised_since", key.compromised_since),
        ("authorised_by", key.authorised_by),
    ):
        if value is not None:
            members[name] = value
    return compact_json(members).decode("utf-8")
