"""Schema-driven fuzzing of the HTTP interface: so many requests for each route × role.

    python -m tests.fuzz.fuzz_api [--requests 200] [--seed N]

Holds every answer against the OpenAPI document: no 5xx, a described status, its media type and schema; the log grows
only by what an answer said was accepted; in the end the store passes `tanlu fsck`. The seed makes a run repeatable.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz.answers import Judge, accepted
from tests.fuzz.requests import Made, Maker
from tests.fuzz.world import BASE_URL, ROLES, World

_SETTINGS: Any = settings(
    database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate], print_blob=False
)


class Unlike(AssertionError):
    """An answer that is not as described, with the request that got it."""


class Fuzz:
    """One run over a world."""

    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.seen: Counter[tuple[str, str, int]] = Counter()
        self._seed = number
        document = world.app.openapi()
        self._judge = Judge(document)
        self._maker = Maker(json.loads(json.dumps(document)), world)
        self._loop = asyncio.Runner()
        transport = httpx.ASGITransport(world.app, raise_app_exceptions=False, client=("127.0.0.1", 1))
        self._http = httpx.AsyncClient(transport=transport, base_url=BASE_URL, timeout=60)

    @property
    def operations(self) -> list[str]:
        """The ids of the document's operations."""
        return list(self._maker.described)

    def run(self, operation: str, role: str, count: int) -> None:
        """``count`` requests by ``role``. Raises Unlike."""
        headers = self.world.headers(role)

        # The number makes each request another one for Hypothesis, which repeats none.
        @seed(f"{self._seed} {operation} {role}")
        @settings(_SETTINGS, max_examples=count)
        @given(st.integers(0, 2**64), self._maker.requests(operation))
        def requests(_number: int, made: Made) -> None:
            fresh = self.world.headers(role) if operation == "endSession" else headers
            self._one(operation, role, made, fresh)

        requests()

    def close(self) -> None:
        """Give the loop back."""
        self._loop.run(self._http.aclose())
        self._loop.close()

    def _one(self, operation: str, role: str, made: Made, headers: dict[str, str]) -> None:
        before = self.world.view.size()
        request = httpx.Request(
            made.method, BASE_URL + made.target, headers={**made.headers, **headers}, content=made.body
        )
        answer = self._loop.run(self._http.send(request))
        answer.request = request
        self.seen[operation, role, answer.status_code] += 1
        try:
            self._judge.check(self._maker.described[operation], answer)
            grown, said = self.world.view.size() - before, accepted(operation, answer)
            assert grown == said, f"{operation}: the log grew by {grown}, the answer says {said}"
            assert not self.world.failures, f"{operation}: the service would stop: {self.world.failures}"
        except (AssertionError, ValueError) as error:
            raise Unlike(f"{error}\nas {role}: {made}") from error


def run(folder: Path, requests: int, number: int, roles: tuple[str, ...] = ROLES) -> Fuzz:
    """Every route × role, then the store's check. Raises Unlike."""
    with warnings.catch_warnings():
        # schemathesis warns of what the document leaves open; that is not what is tested here.
        warnings.simplefilter("ignore")
        world = World(folder)
        fuzz = Fuzz(world, number)
        try:
            for operation in fuzz.operations:
                for role in roles:
                    fuzz.run(operation, role, requests)
                world.integrate()
            faults = world.faults()
            if faults:
                raise Unlike(f"the store is damaged: {faults[:3]}")
            return fuzz
        finally:
            fuzz.close()
            world.close()


def main() -> int:
    """Run it and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="for each route and role")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.requests} requests for each route and role", flush=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        try:
            fuzz = run(Path(folder), options.requests, options.seed)
        except Unlike as error:
            print(f"seed {options.seed}: {error}", file=sys.stderr)
            return 1
    for operation in fuzz.operations:
        for role in ROLES:
            statuses = {
                status: n for (name, who, status), n in sorted(fuzz.seen.items()) if (name, who) == (operation, role)
            }
            print(f"{operation:24} {role:16} {sum(statuses.values()):5}  {statuses}")
    print(f"{sum(fuzz.seen.values())} requests in {time.monotonic() - begun:.0f} s; every answer as described")
    return 0


if __name__ == "__main__":
    sys.exit(main())
