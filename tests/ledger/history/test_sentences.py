"""What an entry says in a line: every sentence names members that the statement has, in both languages (law 10)."""

from __future__ import annotations

import re
import typing
from types import UnionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.statements import BODY_TYPES
from ledger.history.sentences import SENTENCES, sentence

FIELD = re.compile(r"{([a-z_.]+)}")


def structs(kind: Any) -> list[Any]:
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        return structs(typing.get_args(kind)[0])
    if origin in {UnionType, typing.Union}:
        return [one for each in typing.get_args(kind) for one in structs(each)]
    return [kind] if hasattr(kind, "__struct_fields__") else []


BODIES = {
    (type_, body.__struct_config__.tag): body for type_, kind in BODY_TYPES.items() for body in structs(kind)
}  # fmt: skip


@pytest.mark.parametrize("named", SENTENCES, ids=lambda named: " ".join(filter(None, named)))
def test_a_sentence_names_members_of_its_body_the_same_in_both_languages(named: tuple[str, str | None]) -> None:
    english, chinese = (FIELD.findall(text) for text in SENTENCES[named])
    assert sorted(english) == sorted(chinese)
    for path in english:
        kinds = [BODIES[named]]
        for name in path.split("."):
            hints = [
                (dict(zip(kind.__struct_encode_fields__, kind.__struct_fields__, strict=True)), kind) for kind in kinds
            ]
            assert any(name in fields for fields, _ in hints), path
            kinds = [
                one
                for fields, kind in hints
                if name in fields
                for one in structs(typing.get_type_hints(kind, include_extras=True)[fields[name]])
            ]


def test_most_statements_have_a_sentence_and_the_others_are_named() -> None:
    assert len(SENTENCES.keys() & BODIES.keys()) == len(SENTENCES)
    for type_, action in BODIES.keys() - SENTENCES.keys():
        told = sentence(type_, {} if action is None else {"action": action})
        assert told == ((f"{type_} {action}" if action else type_),) * 2


def test_money_is_in_yuan_and_hashes_are_short() -> None:
    told = sentence("cash", {"action": "deposit", "account": "88.608.1/A", "fen": 6_005})
    assert told == ("enters CNY 60.05 that 88.608.1/A paid in", "登记 88.608.1/A 入金 60.05 元")
    told = sentence("order", {"action": "cancel", "order": "ab" * 32})
    assert told[0] == "cancels order abababababab…"


@given(st.dictionaries(st.text(max_size=8), st.recursive(st.none() | st.integers() | st.text(), st.lists), max_size=4))
def test_whatever_a_body_holds_is_told_in_one_short_line(body: dict[str, Any]) -> None:
    for type_, action in SENTENCES:
        for text in sentence(type_, body | ({} if action is None else {"action": action})):
            assert len(text) <= 300
            assert "\n" not in text
