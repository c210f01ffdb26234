from __future__ import annotations

import pytest

from quota import IdentifierRefused
from quota.identifiers import check_identifier


@pytest.mark.parametrize("text", ["88.608.5288/META_x", "did:example:1", "a", "x" * 255])
def test_an_identifier_passes_domain_51(text: str) -> None:
    assert check_identifier(text) == text


@pytest.mark.parametrize("text", ["", "x" * 256, "a b", "a#b", "é", "a\n", 1, None])
def test_what_is_none_is_refused(text: object) -> None:
    with pytest.raises(IdentifierRefused) as refusal:
        check_identifier(text)
    assert refusal.value.rule == "identifier.form"
