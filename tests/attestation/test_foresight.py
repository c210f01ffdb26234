"""An unsigned statement is made as its issuer would sign it, by a key that nobody keeps."""

from __future__ import annotations

import pytest

from attestation.bodies import CancelOwnUnits, CommentScore
from attestation.errors import AttestationError
from attestation.foresight import NO_SIGNATURE, STREAM, unsigned
from attestation.keys import Purpose

ORIGIN = f"tanlu.test/log/{'00' * 32}"
ASKED = {"issuer": "88.608.5288/A", "origin": ORIGIN, "now": 1_700_000_000}
CANCEL = CancelOwnUnits(
    op_id="01" * 32, asset="ccer", tonnes=1, deadline="2098-01-01T00:00:00Z", signature=NO_SIGNATURE
)


def test_it_says_what_the_issuer_would_say_with_a_key_that_is_fit_for_it() -> None:
    statement, record = unsigned("intent", CANCEL, **ASKED)
    assert (statement.iss, statement.iat, statement.stream, statement.body) == (
        ASKED["issuer"],
        ASKED["now"],
        STREAM,
        CANCEL,
    )
    assert record.key.evm_address is not None, "the contract knows no other keys"
    assert Purpose.ASSET in record.purposes
    assert unsigned("intent", CANCEL, **ASKED)[1].key != record.key


def test_what_no_entry_holds_is_refused() -> None:
    with pytest.raises(AttestationError) as refused:
        unsigned("score", CommentScore(score="ab" * 32, text="x" * 70_000), **ASKED)
    assert refused.value.rule == "entry.size"
