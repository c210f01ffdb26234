"""The role `reminders` as an operator runs it: a process of its own beside nothing but the store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.settings import Settings, load
from attestation.instants import format_instant
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.policies.calendar import default_document
from attestation.statements import Body, Policy, build, prove_key
from ledger.context import LogParameters
from ledger.db.base import Database
from ledger.db.migrate import upgrade
from ledger.log import Accepted, Log
from ledger.trust import Trust
from ledger.trust import parse as parse_trust
from tanlu.cli import main
from tanlu.keyring import open_key
from tests.ledger.reminders.conftest import Inbox, inbox  # noqa: F401 - a fixture

DEADLINE_SECONDS = 60.0
ENTERPRISE = "88.608.5288/A"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    assert CliRunner().invoke(main, ["init", "--home", str(made)]).exit_code == 0
    return made


def log_of(settings: Settings, trust: Trust) -> tuple[Database, Log]:
    database = Database(settings.database_url)
    upgrade(database)
    parameters = LogParameters(
        trust.log, trust.deployment_id, trust.registrar_identifier, trust.registrar, trust.registry_domain
    )
    log = Log(database, parameters, PrivateKey.generate(Algorithm.ED25519))
    log.open()
    return database, log


def publish(home: Path, due: int) -> None:
    """The enterprise is obliged for last year, and its report is due at that instant (Unix seconds)."""
    settings = load(home, environ={})
    trust = parse_trust(settings.trust_file.read_bytes())
    folder = home / "administration"
    registrar = open_key(folder / "registrar.pem", (folder / "password").read_text("ascii").strip()).private
    database, log = log_of(settings, trust)
    now, places = int(time.time()), {"keys": 0, "policies": 0}
    year = time.gmtime(now).tm_year - 1

    def say(type_: str, stream: str, body: Body) -> None:
        places[stream] += 1
        entry = build(
            type_,
            log=trust.log,
            iss=trust.registrar_identifier,
            key=registrar,
            iat=now,
            stream=stream,
            seq=places[stream],
            body=body,
        )
        (outcome,) = log.submit([entry]).outcomes
        assert isinstance(outcome, Accepted), outcome

    say(
        "key",
        "keys",
        prove_key(
            log=trust.log,
            identifier=trust.registrar_identifier,
            kind=Kind.PARK,
            key=registrar,
            purposes=Purpose.ADMINISTRATION,
            iat=now,
            domain=trust.registry_domain,
        ),
    )
    default = default_document()
    names = ("report", "registration", "allocation", "surrender", "carry_over", "close")
    far = {name: format_instant(due + (200 + place) * 86_400) for place, name in enumerate(names)}
    deadlines = {**default["deadlines"], **far, "report": format_instant(due)}  # type: ignore[dict-item]  # a dict
    for policy, document in (
        ("calendar", {**default, "deadlines": deadlines}),
        ("coverage-list", {"entries": [{"identifier": ENTERPRISE, "obliged": True}]}),
    ):
        whole = {"year": year, **document}
        body = Policy(policy=policy, id="park", version="1", effective_from=f"{year}-01-01", document=whole)
        say("policy", "policies", body)
    database.close()


def test_a_process_with_the_role_alone_reminds_and_stops_in_good_order(
    home: Path,
    inbox: Inbox,  # noqa: F811 - the fixture
) -> None:
    publish(home, int(time.time()) + 7 * 86_400 - 60)
    path = home / "reminders.json"
    path.write_text(json.dumps({"webhook": inbox.url}))
    path.chmod(0o600)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TANLU_")}
    words = ["serve", "--roles", "reminders", "--home", str(home), "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tanlu", *words],
        cwd=home.parent,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + DEADLINE_SECONDS
        while not inbox.received:
            assert process.poll() is None
            assert time.monotonic() < until, f"no reminder within {DEADLINE_SECONDS} s"
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=DEADLINE_SECONDS)
    told = [(body["enterprise"], body["deadline"], body["days"]) for _, body in inbox.received]
    assert (ENTERPRISE, "report", 7) in told
