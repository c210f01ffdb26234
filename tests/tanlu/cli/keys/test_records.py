"""``tanlu keys show``, ``list`` and ``flagged``: what the log says of keys."""

from __future__ import annotations

import pytest

from attestation.keys import Algorithm, PrivateKey

from ...conftest import ENTERPRISE, METER
from ..conftest import Json, Run
from .conftest import WORKS, Office


def test_a_key_is_shown_by_its_file_and_by_its_thumbprint(answer: Json, office: Office) -> None:
    card = answer("keys", "show", office.files[METER])
    logged = answer("keys", "show", card["thumbprint"])
    assert (logged["identifier"], logged["jwk"], logged["purposes"]) == (METER, card["jwk"], card["purposes"])
    assert (logged["activated_index"], logged["revoked_index"], logged["recoveries"]) == (2, None, [])


def test_a_text_that_is_no_file_and_no_thumbprint_is_a_mistake_of_usage(run: Run, office: Office) -> None:
    for text in ("missing.key", "short"):
        assert run("keys", "show", text).exit_code == 2


def test_an_unknown_thumbprint_is_refused(answer: Json, office: Office) -> None:
    unknown = PrivateKey.generate(Algorithm.ED25519).public.kid_name
    refused = answer("keys", "show", unknown, code=1)
    assert (refused["rule"], refused["value"]) == ("keys.unknown", unknown)


def test_what_is_public_is_shown_to_who_has_no_trust_file_and_no_key(
    answer: Json, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TANLU_TRUST", "TANLU_AS", "TANLU_KEY_PASSWORD"):
        monkeypatch.delenv(name)
    assert answer("keys", "show", office.thumbprint(METER))["identifier"] == METER
    assert [key["thumbprint"] for key in answer("keys", "list", WORKS)["keys"]] == [office.thumbprint(WORKS)]
    assert answer("keys", "list", "88.608.1/NOBODY")["keys"] == []


def test_an_end_is_shown_in_both_languages(run: Run, answer: Json, office: Office) -> None:
    thumbprint = office.thumbprint(METER)
    ended = answer("keys", "revoke", thumbprint, "--key", office.files[METER])["index"]
    assert f"ended by entry {ended}" in run("keys", "show", thumbprint).stdout
    assert f"由第 {ended} 条记录终止" in run("keys", "list", METER, "--lang", "zh").stdout


def test_a_key_that_nobody_called_compromised_flags_nothing(answer: Json, run: Run, office: Office) -> None:
    found = answer("keys", "flagged", office.thumbprint(METER))
    assert (found["compromised_since"], found["entries"]) == (None, [])
    assert "not declared compromised" in run("keys", "flagged", office.thumbprint(METER)).stdout


def test_what_is_flagged_is_told_to_who_may_read_it(answer: Json, office: Office) -> None:
    thumbprint = office.thumbprint(METER)
    assert answer("keys", "flagged", thumbprint, "--as", office.files[ENTERPRISE])["identifier"] == METER
    refused = answer("keys", "flagged", thumbprint, "--as", office.files[WORKS], code=1)
    assert (refused["rule"], refused["status"]) == ("access.not_yours", 403)
