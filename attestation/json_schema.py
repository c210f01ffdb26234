"""The published JSON Schemas (draft 2020-12) of the payloads, one per statement type.

They are made from the structs that verification decodes with, so that they cannot say something else. A schema sees one
payload alone: signatures, sequence and sums are outside what it can judge.
"""

from __future__ import annotations

from typing import Any

import msgspec

from attestation.bodies import BODY_TYPES, BOUNDS, VERSION, Envelope

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schemas() -> dict[str, dict[str, Any]]:
    """The schema of each statement type's payload, by type; committed under ``attestation/schemas/``."""
    return {type_: _schema(type_) for type_ in BODY_TYPES}


def schema_bytes(schema: dict[str, Any]) -> bytes:
    """A schema as its file holds it."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"


def _schema(type_: str) -> dict[str, Any]:
    generic: Any = Envelope  # subscribed by a name that only the running program knows
    made = msgspec.json.schema(generic[BODY_TYPES[type_]])
    definitions = made["$defs"]
    envelope = definitions.pop(made["$ref"].rpartition("/")[2])
    envelope["properties"] |= {"v": {"const": VERSION}, "type": {"const": type_}}
    envelope |= {"title": f"Payload of a {type_} statement", "$defs": definitions}
    root = {"$schema": DIALECT, "$id": f"urn:tanlu:statement:{type_}:{VERSION}"}
    return {**root, **_tidy(envelope)}


def _tidy(node: Any) -> Any:
    """Without null, which only stands for absence in the structs, and with descriptions on one line."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" in node:
        choices = [_tidy(choice) for choice in node["anyOf"] if choice != {"type": "null"}]
        return choices[0] if len(choices) == 1 else {"oneOf": choices}
    tidy = {name: _tidy(member) for name, member in node.items()}
    if BOUNDS in tidy:
        tidy["minimum"], tidy["maximum"] = tidy.pop(BOUNDS)
    if isinstance(tidy.get("description"), str):
        tidy["description"] = " ".join(tidy["description"].replace("``", "`").split())
    return tidy
