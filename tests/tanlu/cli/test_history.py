"""``tanlu history``: entries found and a tonne followed, in English, Chinese and JSON."""

from __future__ import annotations

import msgspec
import pytest

from attestation.instants import format_instant
from tanlu.cli.history import why_text
from tanlu.client import Client
from tanlu.client.unit_way import TouchedEntry
from tests.read_chain import GENESIS_TIME

from ..conftest import ENTERPRISE, PARK
from .conftest import Json, Run
from .keys.conftest import cheap_passwords  # noqa: F401 - a fixture that is used by name
from .test_account import YEAR, ReadChain, chain  # noqa: F401 - a fixture that is used by name

pytestmark = pytest.mark.usefixtures("cheap_passwords", "chain")


def test_a_search_in_english_chinese_and_json(answer: Json, run: Run, client: Client) -> None:
    service = ("--server", client.base_url)
    found = answer("history", "search", "--identifier", ENTERPRISE, "--oldest", *service)
    first = found["hits"][0]
    assert (first["type"], first["action"], first["issuer"]) == ("key", "enrol", PARK)
    assert not found["more"]
    english = run("history", "search", ENTERPRISE.lower(), "--type", "key", *service, "--lang", "en").stdout
    assert f"enrols {ENTERPRISE} (enterprise) with its first key" in english
    assert format_instant(first["accepted_at"]) in english
    chinese = run("history", "search", ENTERPRISE, *service, "--lang", "zh").stdout
    assert f"登记 {ENTERPRISE}（enterprise）及其首个密钥" in chinese


def test_no_more_than_was_asked_for_is_shown_and_it_is_said(answer: Json, run: Run, client: Client) -> None:
    service = ("--server", client.base_url)
    found = answer("history", "search", "--most", "1", *service)
    assert (len(found["hits"]), found["more"]) == (1, True)
    assert "there is more than 1" in run("history", "search", "--most", "1", *service, "--lang", "en").stdout
    nothing = run("history", "search", "nobody said this", *service, "--lang", "en").stdout
    assert nothing.strip() == "nothing was found"


def test_a_day_is_bounded_by_its_first_and_last_second_in_china(answer: Json, client: Client) -> None:
    service = ("--server", client.base_url)
    every = answer("history", "search", *service)["hits"]
    day = format_instant(every[0]["accepted_at"] + 8 * 3_600)[:10]
    assert answer("history", "search", "--since", day, "--until", day, *service)["hits"][0] == every[0]
    assert answer("history", "search", "--until", "2001-01-01", *service)["hits"] == []


def test_what_is_no_day_is_refused_before_anybody_is_asked(run: Run) -> None:
    refused = run("history", "search", "--since", "yesterday", "--server", "http://127.0.0.1:9")
    assert refused.exit_code == 2
    assert "yesterday" in refused.stderr


def test_the_way_of_a_tonne_says_what_was_surrendered(answer: Json, run: Run, client: Client) -> None:
    service = ("--server", client.base_url)
    found = answer("history", "tonne", ENTERPRISE, str(YEAR), *service)
    assert [(one["asset"], one["tonnes"]) for one in found["surrenders"]] == [(f"quota-{YEAR}", 400), ("ccer", 30)]
    english = run("history", "tonne", ENTERPRISE, str(YEAR), *service, "--lang", "en").stdout
    told = [line.split() for line in english.splitlines()]
    assert ["obligation", "on", "chain", "600"] in told
    assert ["still", "due", "170"] in told
    assert "尚欠" in run("history", "tonne", ENTERPRISE, str(YEAR), *service, "--lang", "zh").stdout
    assert answer("history", "account", ENTERPRISE, *service)["hits"] == []


def test_what_a_corrected_factor_set_and_a_lost_key_touch(answer: Json, run: Run, client: Client) -> None:
    service = ("--server", client.base_url)
    key = client.keys.of(ENTERPRISE)[0].thumbprint
    assert answer("history", "effects", "--key", key, *service)["touched"] == []
    nothing = run("history", "effects", "--key", key, *service, "--lang", "zh").stdout
    assert nothing.strip() == "没有受影响的条目"
    unknown = run("history", "effects", "--policy", "factor-set", "none", "1", *service)
    assert unknown.exit_code == 1
    assert "policies.unknown" in unknown.stderr


def test_what_is_no_thumbprint_is_refused_before_anybody_is_asked(run: Run) -> None:
    refused = run("history", "effects", "--key", "nonsense", "--server", "http://127.0.0.1:9")
    assert refused.exit_code == 1
    assert "nonsense" in refused.stderr
    assert "service.unavailable" not in refused.stderr


def test_an_effect_is_of_one_cause(run: Run, client: Client) -> None:
    for words in ((), ("--key", "x", "--policy", "rules", "a", "1")):
        refused = run("history", "effects", *words, "--server", client.base_url)
        assert refused.exit_code == 2
        assert "--policy" in refused.stderr


def test_the_way_of_units_in_english_chinese_and_json(answer: Json, run: Run, client: Client, chain: ReadChain) -> None:  # noqa: F811 - the fixture's name
    """600 t came from the reserve, 400 t met the year's obligation, 200 t are there, of which 50 t frozen."""
    service = ("--server", client.base_url)
    words = ("history", "units", ENTERPRISE, f"quota-{YEAR}", *service)
    found = answer(*words)
    assert [(one["kind"], one["other"], one["tonnes"]) for one in found["inward"]] == [("Allocated", PARK, 600)]
    assert [(one["kind"], one["year"], one["tonnes"]) for one in found["outward"]] == [("Surrendered", YEAR, 400)]
    assert found["closing"] == {"registry": 150, "trading": 0, "frozen": 50}
    english = run(*words, "--lang", "en").stdout
    told = [line.split() for line in english.splitlines()]
    assert ["+", "Allocated", PARK, "600", "1"] in [line[:5] for line in told]
    assert "closing" in english
    assert "no first in, first out" in english
    chinese = run(*words, "--lang", "zh").stdout
    assert f"清缴（{YEAR} 年度）" in chinese
    assert "先进先出" in chinese
    before = answer(*words, "--at", format_instant(GENESIS_TIME + chain.number - 4))
    assert (before["outward"], before["closing"]["registry"]) == ([], 550)


def test_an_account_as_of_an_instant_and_what_was_accepted_until_then(
    answer: Json,
    run: Run,
    client: Client,
    chain: ReadChain,  # noqa: F811 - the fixture's name
) -> None:
    service = ("--server", client.base_url)
    at = format_instant(GENESIS_TIME + chain.number)
    held = answer("history", "account", ENTERPRISE, "--at", at, *service)["account"]
    assert (held["at"], held["as_of"]["number"]) == (GENESIS_TIME + chain.number, chain.number)
    assert held == answer("account", "show", ENTERPRISE, "--at", at, *service)
    english = run("history", "account", ENTERPRISE, "--at", at, *service, "--lang", "en").stdout
    assert f"at {at}" in english
    early = run("history", "account", ENTERPRISE, "--at", "2001-01-01", *service)
    assert early.exit_code == 1
    assert "accounts.at" in early.stderr


def test_why_an_entry_is_touched_is_said_in_one_language() -> None:
    entry = TouchedEntry(
        index=7, type="report", issuer=ENTERPRISE, stream=None, seq=None, year=YEAR, why="judged", superseded_by=9
    )
    assert why_text(entry, zh=False) == "judged, replaced by 9"
    assert why_text(entry, zh=True) == "按该版本核算，已被条目 9 取代"
    assert all(
        word not in why_text(msgspec.structs.replace(entry, why=word, superseded_by=None), zh=True)
        for word in ("direct", "derived", "citing", "resting", "judged")
    )
