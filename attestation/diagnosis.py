"""A body from its JSON members, or what exactly is wrong with it: rule, value and place."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from attestation.bodies import BODY_TYPES, Body
from attestation.errors import AttestationError
from attestation.prepared import prepared
from attestation.refusals import refuse

StructT = TypeVar("StructT", bound=Struct)

_JSON_NAMES = {
    bool: "true or false",
    int: "an integer",
    str: "a string",
    dict: "an object",
    tuple: "an array",
}


def parse_body(type_: str, members: Mapping[str, object]) -> Body:
    """The body of a statement type from its JSON members.

    Raises SchemaRefused (``body.unknown_field``, ``body.missing_field``, ``body.field_type``, ``body.choice``) for the
    first member, in declared order, that does not fit; the member that chooses among structs comes first.
    """
    expected = _one_of(BODY_TYPES[type_], members)
    found = _struct(members, expected, "body")
    if found is not None:
        raise found
    try:
        body: Body = msgspec.convert(members, BODY_TYPES[type_])
    except msgspec.ValidationError as error:
        raise refuse("body.field_type", error, "the published schema") from None
    return body


def parse_struct(members: Mapping[str, object], expected: type[StructT], path: str) -> StructT:
    """The struct of JSON members that are no statement's body; refused as :func:`parse_body` refuses."""
    # Read by threads.
    prepared(expected)
    found = _struct(members, expected, path)
    if found is not None:
        raise found
    try:
        return msgspec.convert(members, expected)
    except msgspec.ValidationError as error:
        raise refuse("body.field_type", error, "the documented members", at=path) from None


def _one_of(expected: type[Struct] | types.UnionType, members: Mapping[str, object]) -> type[Struct]:
    """The struct itself, or the one of a union that the members name by their tag."""
    if not isinstance(expected, types.UnionType):
        return expected
    structs: tuple[type[Struct], ...] = typing.get_args(expected)
    choices = {str(struct.__struct_config__.tag): struct for struct in structs}
    name = str(structs[0].__struct_config__.tag_field)
    if name not in members:
        raise refuse("body.missing_field", name, f"a member {name}", at="body")
    tag = members[name]
    if not isinstance(tag, str):
        raise refuse("body.field_type", tag, _JSON_NAMES[str], at=f"body.{name}")
    if tag not in choices:
        raise refuse("body.choice", tag, ", ".join(choices), at=f"body.{name}")
    return choices[tag]


def _struct(value: object, expected: type[Struct], path: str) -> AttestationError | None:
    if not isinstance(value, Mapping):
        return refuse("body.field_type", value, "an object", at=path)
    declared = {member.encode_name: member for member in fields(expected)}
    tag_field = expected.__struct_config__.tag_field
    known = [*([] if tag_field is None else [tag_field]), *declared]
    for name in value:
        if name not in known:
            return refuse("body.unknown_field", name, ", ".join(known), at=path)
    for name, member in declared.items():
        if name not in value:
            if member.required:
                return refuse("body.missing_field", name, f"a member {name}", at=path)
            continue
        found = _value(value[name], member.type, f"{path}.{name}")
        if found is not None:
            return found
    return None


def _value(value: object, expected: Any, path: str) -> AttestationError | None:
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if origin in (typing.Annotated, types.UnionType, typing.Union):  # an optional member: null is refused before
        return _value(value, arguments[0], path)
    if origin is tuple and isinstance(value, list):
        found = (_value(item, arguments[0], f"{path}[{index}]") for index, item in enumerate(value))
        return next((refusal for refusal in found if refusal is not None), None)
    if isinstance(expected, type) and issubclass(expected, Struct):
        return _struct(value, expected, path)
    plain: type = origin or expected
    if not isinstance(value, plain) or (isinstance(value, bool) and plain is not bool):
        return refuse("body.field_type", value, _JSON_NAMES.get(plain, plain.__name__), at=path)
    return None
