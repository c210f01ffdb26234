"""Every route × every role: who may is one table, enforced, documented and observed."""

from __future__ import annotations

import re

from api.access.table import ROUTES, Need
from api.app import create_app
from tests.api.access.observed import BEGIN, END, PAGE, table

OWN = {(need, name) for name, need in ROUTES.items() if need is Need.OWN and name != "getReads"}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    paths = create_app(None).openapi()["paths"]
    operations = {operation["operationId"] for item in paths.values() for operation in item.values()}
    assert operations == set(ROUTES)


def test_the_page_shows_what_is_observed() -> None:
    text = PAGE.read_text("utf-8")
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    observed = table()
    assert shown == observed, "run `python -m tests.api.access.observed`"
    rows = [re.split(r" \| ", line.strip("| ")) for line in observed.splitlines()]
    titles, cells = rows[0], {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[2:]}
    strangers = ("other's device", "other enterprise", "not assigned", "no longer")
    for route, row in cells.items():
        assert not [status for status in row.values() if status.startswith("5")], route
        assert {row["expired token"], row["revoked key's"]} == {"401"}, route
    # The table of routes says which answer with somebody's things; the log of reads answers everybody with their own.
    own = [route for route, (name, need) in zip(cells, ROUTES.items(), strict=True) if (need, name) in OWN]
    assert len(own) == len(OWN)
    for route in own:
        row = cells[route]
        assert row["public"] == "401"
        assert {row[who] for who in strangers} == {"403"}, route
        # What an enterprise says in its own name is not its meters' to read.
        apart = {"device"} if row["device"] == "403" else set()
        allowed = set(titles[2:]) - {*strangers, *apart, "expired token", "revoked key's"}
        assert len({row[who] for who in allowed}) == 1, route
        assert row["regulator"] in {"200", "404", "409"}


def test_an_account_is_for_whose_it_is_and_for_nobody_who_verifies_them() -> None:
    """DOMAIN 22: what somebody holds and owes is read by them and by the overseers."""
    rows = [re.split(r" \| ", line.strip("| ")) for line in PAGE.read_text("utf-8").partition(BEGIN)[2].splitlines()]
    table = [row for row in rows if len(row) > 1]
    titles, cells = table[0], table[1 : 1 + len(ROUTES)]
    seen = 0
    for (_, need), row in zip(ROUTES.items(), cells, strict=True):
        if need is Need.HOLDER:
            seen += 1
            answers = dict(zip(titles[1:], row[1:], strict=True))
            allowed = {title for title, status in answers.items() if status not in {"401", "403"}}
            # What does not exist is nobody's: the overseers alone are told so.
            own = set() if answers["regulator"] == "404" else {"enterprise", "person of it"}
            assert allowed == own | {"regulator", "administration"}, row[0]
            assert {answers["public"], answers["device"], answers["verifier, assigned"]} == {"401", "403"}
    assert seen >= 3
