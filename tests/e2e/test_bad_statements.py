"""Every bad statement that is named in the contract, over real HTTP: a clear refusal, and nothing half done.

The names of the cases are the rows of the table in docs/faults.md.
"""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from coincurve import PrivateKey as Secp256k1

from attestation.encoding import b64url_encode
from attestation.keys import Algorithm, Kind, PrivateKey, Purpose
from attestation.statements import FactorSetRef, Reading, Report, ReportLine, ReportPeriod, Totals
from tests.e2e.conftest import Deployment
from tests.faults.merkle import leaf_hash
from tests.faults.signers import QUARTER, Registrar, Signer, instant

pytestmark = pytest.mark.chain

WORKS, CLOCK, TWIN, COUNTER = "88.608.5300/B", "88.608.5300/B_M1", "88.608.5300/B_M2", "88.608.5300/B_M3"
JOSE = {"Content-Type": "application/jose"}
ORDER = int("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)


@dataclass(frozen=True)
class House:
    """An enterprise, two Ed25519 meters and a secp256k1 one, in a deployment that runs."""

    deployment: Deployment
    works: Signer
    meter: Signer
    twin: Signer
    counter: Signer

    @property
    def url(self) -> str:
        return self.deployment.installation.url

    def submit(self, entry: bytes) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/statements", content=entry, headers=JOSE, auth=self.deployment.who)

    def token(self) -> str:
        """A token for a request that is written by hand."""
        asked = httpx.get(f"{self.url}/v1/sessions", auth=self.deployment.who).request
        return asked.headers["Authorization"].partition(" ")[2]

    def stream(self, name: str) -> httpx.Response:
        return httpx.get(
            f"{self.url}/v1/streams", params={"issuer": self.meter.identifier, "stream": name}, auth=self.deployment.who
        )

    def size(self) -> int:
        connection = sqlite3.connect(f"file:{self.deployment.installation.database}?mode=ro", uri=True)
        try:
            return int(connection.execute("SELECT count(*) FROM entries").fetchone()[0])
        finally:
            connection.close()

    # -- what the standard tools would not make ------------------------------------------------------------------------

    def header(self, signer: Signer, kind: str = "reading") -> dict[str, Any]:
        """The protected header that belongs to a signer."""
        kid = f"{signer.identifier}#{signer.key.public.kid_name}"
        return {"alg": signer.key.algorithm.value, "kid": kid, "typ": f"tanlu-{kind}+jws"}

    def payload(self, stream: str, **changes: Any) -> dict[str, Any]:
        """A good reading's payload by the meter, with members of it or of its body changed."""
        start = int(time.time()) // QUARTER * QUARTER - 10 * QUARTER
        body = {"from": instant(start), "to": instant(start + QUARTER), "quantity": "3.17", "unit": "kWh"}
        found: dict[str, Any] = {
            "v": 1,
            "type": "reading",
            "log": self.meter.log,
            "iss": self.meter.identifier,
            "iat": int(time.time()),
            "stream": stream,
            "seq": 1,
            "body": body,
        }
        for name, value in changes.items():
            (found if name in found or name == "extra" else body)[name.rstrip("_")] = value
        return found

    def signed(self, header: dict[str, Any], payload: dict[str, Any] | str, key: PrivateKey | None = None) -> bytes:
        """Any header over any payload, signed by the meter or by `key`."""
        text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
        head = json.dumps(header, separators=(",", ":"))
        message = ".".join(b64url_encode(part.encode()) for part in (head, text)).encode()
        return message + b"." + b64url_encode((key or self.meter.key).sign(message)).encode()

    def changed(self, stream: str, **changes: Any) -> bytes:
        """A reading with changed members, rightly signed by the meter."""
        return self.signed(self.header(self.meter), self.payload(stream, **changes))

    def replaced(self, stream: str, old: str, new: str) -> bytes:
        """A reading in whose JSON text `old` is replaced before it is signed."""
        text = json.dumps(self.payload(stream), separators=(",", ":"))
        assert text.count(old) == 1
        return self.signed(self.header(self.meter), text.replace(old, new))

    def headed(self, stream: str, **changes: Any) -> bytes:
        """A reading with a changed header, rightly signed by the meter."""
        return self.signed(self.header(self.meter) | changes, self.payload(stream))

    def good(self, stream: str) -> bytes:
        """A reading in which nothing is wrong."""
        return self.changed(stream)


@pytest.fixture(scope="module")
def house(deployment: Deployment) -> House:
    registrar = Registrar(deployment.installation, stream="guests", last_seq=0)

    def enrol(identifier: str, kind: Kind, purpose: Purpose, algorithm: Algorithm) -> Signer:
        parent = WORKS if kind is Kind.DEVICE else None
        signer, entry = registrar.enrol(identifier, kind, purpose, algorithm, parent=parent)
        url = f"{deployment.installation.url}/v1/identifiers"
        answer = httpx.post(url, content=entry, headers=JOSE, auth=deployment.who)
        assert answer.status_code == 201, answer.text
        return signer

    return House(
        deployment,
        enrol(WORKS, Kind.ENTERPRISE, Purpose.STATEMENT, Algorithm.ED25519),
        enrol(CLOCK, Kind.DEVICE, Purpose.DEVICE, Algorithm.ED25519),
        enrol(TWIN, Kind.DEVICE, Purpose.DEVICE, Algorithm.ED25519),
        enrol(COUNTER, Kind.DEVICE, Purpose.DEVICE, Algorithm.ES256K),
    )


def unsigned(house: House) -> bytes:
    return house.good("unsigned").rpartition(b".")[0] + b"."


def by_another_key(house: House) -> bytes:
    return house.signed(house.header(house.meter), house.payload("wrong-key"), PrivateKey.generate(Algorithm.ED25519))


def by_a_key_never_enrolled(house: House) -> bytes:
    stranger = PrivateKey.generate(Algorithm.ED25519)
    kid = f"{CLOCK}#{stranger.public.kid_name}"
    return house.signed(house.header(house.meter) | {"kid": kid}, house.payload("stranger"), stranger)


def by_anothers_key(house: House) -> bytes:
    kid = f"{CLOCK}#{house.twin.key.public.kid_name}"
    return house.signed(house.header(house.meter) | {"kid": kid}, house.payload("twin"), house.twin.key)


def outside_the_purpose(house: House) -> bytes:
    payload = house.payload("purpose", iss=WORKS, type="close")
    return house.signed(house.header(house.works, "close"), payload, house.works.key)


def alg_of_another_kind_of_key(house: House) -> bytes:
    return house.headed("alg-other", alg="ES256K")


def broken_base64url(house: House) -> bytes:
    return house.good("base64") + b"="


def another_spelling_of_base64url(house: House) -> bytes:
    entry = house.good("base64-bits")
    # 64 bytes leave two bits over in the last character; the alphabet's next character sets one of them.
    return entry[:-1] + bytes(
        [{ord("Q"): ord("R"), ord("g"): ord("h"), ord("w"): ord("x"), ord("A"): ord("B")}[entry[-1]]]
    )


def high_s(house: House) -> bytes:
    entry = house.signed(house.header(house.counter), house.payload("high-s", iss=COUNTER), house.counter.key)
    message, _, signature = entry.rpartition(b".")
    raw = house.counter.key.sign(message)
    assert b64url_encode(raw).encode() == signature
    turned = raw[:32] + (ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    return message + b"." + b64url_encode(turned).encode()


def signature_of_63_bytes(house: House) -> bytes:
    message = house.good("short-signature").rpartition(b".")[0]
    return message + b"." + b64url_encode(house.meter.key.sign(message)[:63]).encode()


def of_another_log(house: House) -> bytes:
    return house.changed("origin", log="other.example/log/" + "0" * 64)


def with_a_key_twice(house: House) -> bytes:
    return house.replaced("twice", '"seq":1', '"seq":1,"seq":2')


def of_another_deployment(house: House) -> bytes:
    name, _, deployment_id = house.meter.log.rpartition("/")
    return house.changed("deployment", log=f"{name}/{deployment_id[::-1]}")


def of_65_536_bytes(house: House) -> bytes:
    payload = house.payload("long", note="")
    room = 65_536 - len(house.signed(house.header(house.meter), payload))
    payload["body"]["note"] = "x" * (room * 3 // 4)
    entry = house.signed(house.header(house.meter), payload)
    payload["body"]["note"] += "x" * ((65_536 - len(entry)) * 3 // 4 + 1)
    entry = house.signed(house.header(house.meter), payload)
    assert 65_536 <= len(entry) <= 65_538
    return entry


def period_in_the_future(house: House) -> bytes:
    start = int(time.time()) + 3600
    return house.changed("future", from_=instant(start), to=instant(start + QUARTER))


def period_backwards(house: House) -> bytes:
    start = int(time.time()) - 3600
    return house.changed("backwards", from_=instant(start), to=instant(start - QUARTER))


def unknown_factor_set(house: House) -> bytes:
    line = ReportLine(
        id="l",
        kind="electricity",
        quantity="1.000",
        unit="MWh",
        factor="ets_constant/2021",
        emissions="0.58",
        evidence=(),
    )
    body = Report(
        year=2018,
        period=ReportPeriod(start="2018-01-01T00:00:00Z", end="2019-01-01T00:00:00Z"),
        factor_set=FactorSetRef(id="cets-steel", version="99"),
        lines=(line,),
        totals=Totals(scope1="0.00", scope2="0.58", obligation_base="direct+energy", obligation_tonnes=1),
    )
    return house.works.sign("report", "reports", 1, body)


CASES: list[tuple[str, Callable[[House], bytes], int, str]] = [
    ("unsigned", unsigned, 400, "entry.parts"),
    ("alg none", lambda house: house.headed("none", alg="none"), 400, "header.alg_none"),
    ("unknown alg", lambda house: house.headed("rs256", alg="RS256"), 400, "header.alg"),
    ("crit", lambda house: house.headed("crit", crit=["exp"]), 400, "header.crit"),
    ("alg that is not the key's", alg_of_another_kind_of_key, 403, "key.algorithm"),
    ("wrong key", by_another_key, 403, "signature.invalid"),
    ("key never enrolled", by_a_key_never_enrolled, 403, "key.unknown"),
    ("key of another identifier", by_anothers_key, 403, "key.unknown"),
    ("key outside its purpose", outside_the_purpose, 403, "purpose.key"),
    ("iat in the future", lambda house: house.changed("iat", iat=int(time.time()) + 900), 422, "time.iat_future"),
    ("broken base64url", broken_base64url, 400, "base64url.padding"),
    ("another spelling of base64url", another_spelling_of_base64url, 400, "base64url.trailing_bits"),
    ("high-s ES256K", high_s, 403, "signature.high_s"),
    ("wrong-length signature", signature_of_63_bytes, 403, "signature.length"),
    (
        "other log origin",
        lambda house: house.changed("origin", log="other.example/log/" + "0" * 64),
        400,
        "envelope.log",
    ),
    ("other deployment id", of_another_deployment, 400, "envelope.log"),
    (
        "duplicate JSON key",
        lambda house: house.replaced("twice", '"seq":1', '"seq":1,"seq":2'),
        400,
        "json.duplicate_key",
    ),
    ("NaN", lambda house: house.replaced("nan", '"3.17"', "NaN"), 400, "json.nan"),
    ("float for a decimal string", lambda house: house.replaced("float", '"3.17"', "3.17"), 400, "json.float"),
    ("unknown field", lambda house: house.changed("field", extra=1), 400, "envelope.unknown_field"),
    ("unknown field of the body", lambda house: house.changed("field-body", note="x"), 422, "body.unknown_field"),
    ("unknown unit", lambda house: house.changed("unit", unit="kilowatt"), 422, "unit.unknown"),
    ("negative quantity", lambda house: house.changed("negative", quantity="-3.17"), 422, "quantity.negative"),
    ("absurd quantity", lambda house: house.changed("absurd", quantity="999999999999"), 422, "reading.absurd"),
    ("unknown factor-set version", unknown_factor_set, 422, "factor_set.unknown"),
    ("period end before start", period_backwards, 422, "time.period_order"),
    ("period in the future", period_in_the_future, 422, "time.period_future"),
    ("65,536 bytes", of_65_536_bytes, 413, "entry.size"),
]


@pytest.mark.parametrize(("make", "status", "rule"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_statement_is_refused_by_rule_and_nothing_is_stored(
    house: House, make: Callable[[House], bytes], status: int, rule: str
) -> None:
    before = house.size()
    answer = house.submit(make(house))
    problem = answer.json()
    assert (answer.status_code, problem.get("rule")) == (status, rule), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(problem[name] for name in ("detail", "message_zh", "expected"))
    assert house.size() == before


def test_the_good_statement_of_which_the_bad_ones_are_made_is_accepted(house: House) -> None:
    assert house.submit(house.good("good")).status_code == 201


def reading(house: House, stream: str, seq: int, start: int, quantity: str = "1.00") -> bytes:
    body = Reading(start=instant(start), end=instant(start + QUARTER), quantity=quantity, unit="kWh")
    return house.meter.sign("reading", stream, seq, body)


@pytest.mark.parametrize("shift", [-1, 1, 0])
def test_an_overlapping_period_is_refused(house: House, shift: int) -> None:
    stream, start = f"overlap{shift}", int(time.time()) - 100 * QUARTER
    assert house.submit(reading(house, stream, 2, start)).status_code == 201
    seq = 3 if shift >= 0 else 1
    answer = house.submit(reading(house, stream, seq, start + shift))
    assert answer.status_code == 409
    assert answer.json()["rule"] == ("sequence.overlap_below" if seq == 3 else "sequence.overlap_above")
    assert house.stream(stream).json()["count"] == 1


def test_a_sequence_number_used_again_is_equivocation_and_both_are_kept(house: House) -> None:
    start = int(time.time()) - 100 * QUARTER
    first = house.submit(reading(house, "equivocation", 1, start, "1.00")).json()
    second = reading(house, "equivocation", 1, start, "1.01")
    before = house.size()
    answer = house.submit(second)
    assert (answer.status_code, answer.json()["rule"]) == (409, "sequence.equivocation")
    assert answer.json()["existing_statement_id"] == first["statement_id"]
    assert httpx.get(f"{house.url}/v1/entries/{first['index']}", auth=house.deployment.who).json()["equivocations"] == 1
    connection = sqlite3.connect(f"file:{house.deployment.installation.database}?mode=ro", uri=True)
    kept = connection.execute("SELECT entry FROM equivocations WHERE entry_index = ?", (first["index"],)).fetchall()
    connection.close()
    assert [bytes(row[0]) for row in kept] == [second]
    assert house.size() == before


def test_the_same_message_signed_anew_is_answered_with_the_first_acceptance(house: House) -> None:
    first = house.signed(house.header(house.counter), house.payload("anew", iss=COUNTER), house.counter.key)
    accepted = house.submit(first)
    message = first.rpartition(b".")[0]
    again = message + b"." + b64url_encode(other_signature(house.counter.key, message)).encode()
    assert again != first
    before = house.size()
    answer = house.submit(again)
    assert (accepted.status_code, answer.status_code) == (201, 200)
    for name in ("index", "statement_id", "leaf_hash", "accepted_at"):
        assert answer.json()[name] == accepted.json()[name]
    assert answer.json()["leaf_hash"] == leaf_hash(first).hex()
    assert house.size() == before


def other_signature(key: PrivateKey, message: bytes) -> bytes:
    """Another valid low-s signature than the deterministic one: the same curve with a nonce of one's own."""
    secret, digest = int.from_bytes(key.raw, "big"), int.from_bytes(hashlib.sha256(message).digest(), "big")
    nonce = 0x5EED
    r = int.from_bytes(Secp256k1.from_int(nonce).public_key.format()[1:], "big") % ORDER
    s = pow(nonce, -1, ORDER) * (digest + r * secret) % ORDER
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def test_a_gap_is_accepted_and_reported_as_open_until_it_is_filled(house: House) -> None:
    start = int(time.time()) - 100 * QUARTER
    assert house.submit(reading(house, "gap", 1, start)).json()["opens_gap"] is None
    assert house.submit(reading(house, "gap", 4, start + 3 * QUARTER)).json()["opens_gap"] == [2, 3]
    assert house.stream("gap").json()["gaps"] == [[2, 3]]
    assert house.submit(reading(house, "gap", 2, start + QUARTER)).status_code == 201
    assert house.submit(reading(house, "gap", 3, start + 2 * QUARTER)).status_code == 201
    assert house.stream("gap").json()["gaps"] == []


@pytest.mark.parametrize("path", ["/v1/statements", "/v1/statements/bulk"])
def test_a_truncated_body_stores_nothing(house: House, path: str) -> None:
    start = int(time.time()) - 100 * QUARTER
    entry = reading(house, path.strip("/").replace("/", "."), 1, start)
    body = entry if path == "/v1/statements" else b'"' + entry + b'"\n'
    media = "application/jose" if path == "/v1/statements" else "application/x-ndjson"
    before = house.size()
    host, port = house.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n"
        head += f"Authorization: Bearer {house.token()}\r\n\r\n"
        connection.sendall(head.encode() + body[:-20])
    # The service answers others meanwhile, and the whole statement is as new afterwards.
    assert httpx.get(f"{house.url}/v1/health").status_code == 200
    assert house.size() == before
    assert house.submit(entry).status_code == 201


def bulk(house: House, lines: list[bytes]) -> Iterator[dict[str, Any]]:
    body = b"".join(b'"' + line + b'"\n' for line in lines)
    answer = httpx.post(
        f"{house.url}/v1/statements/bulk",
        content=body,
        headers={"Content-Type": "application/x-ndjson"},
        timeout=30,
        auth=house.deployment.who,
    )
    assert answer.status_code == 200
    yield from map(json.loads, answer.text.splitlines())


def test_one_bad_line_among_good_ones_is_refused_alone(house: House) -> None:
    start = int(time.time()) - 100 * QUARTER
    good = [reading(house, "bulk", seq, start + seq * QUARTER) for seq in (1, 2, 3)]
    before = house.size()
    found = list(bulk(house, [good[0], by_another_key(house), good[1], good[2]]))
    assert [item["status"] for item in found if "line" in item] == ["accepted", "refused", "accepted", "accepted"]
    (refused,) = (item["problem"] for item in found if item.get("status") == "refused")
    assert refused["rule"] == "signature.invalid"
    assert found[-1]["summary"]["accepted"] == 3
    assert house.size() == before + 3
