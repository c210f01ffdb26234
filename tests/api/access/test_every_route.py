"""Every route × every role: who may is one table, enforced, documented and observed."""

from __future__ import annotations

import re

from api.access.table import ROUTES, Need
from api.app import create_app
from tests.api.access.observed import BEGIN, END, PAGE, table


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
    meters = [route for route in cells if re.search(r"/v1/(entries|streams|gaps|keys/.*/flagged)", route)]
    bodies = [route for route in cells if re.search(r"/v1/(openings|deadlines|labels)", route)]
    own = meters + bodies
    assert len(own) == sum(need is Need.OWN for need in ROUTES.values()) - 1, "all but the log of reads"
    for route in own:
        assert cells[route]["public"] == "401"
        assert {cells[route][who] for who in strangers} == {"403"}, route
        # What an enterprise says in its own name is not its meters' to read.
        apart = {"device"} if route in bodies else set()
        allowed = set(titles[2:]) - {*strangers, *apart, "expired token", "revoked key's"}
        assert {cells[route][who] for who in apart} <= {"403"}, route
        assert len({cells[route][who] for who in allowed}) == 1, route
        assert cells[route]["regulator"] in {"200", "409"}
