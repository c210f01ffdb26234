from __future__ import annotations

from attestation.judging.bounds import at_most, before, since


def test_what_would_have_passed_is_said_in_both_languages() -> None:
    assert before(0) == ("before 1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z 之前")
    assert since(60) == ("from 1970-01-01T00:01:00Z on", "自 1970-01-01T00:01:00Z 起")
    assert at_most(50) == ("at most 50 t", "至多 50 吨")
    assert at_most(0, "2023") == ("at most 0 t of 2023", "至多 0 吨（2023）")
