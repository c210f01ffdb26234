"""Requests made from the document: what it allows, what it does not, and what this log really has.

Parameters come from schemathesis, good and bad ones, and from the log's own identifiers, positions and streams. Bodies
are signed statements: good, repeated, spoiled by a byte, or well signed nonsense.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import schemathesis
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode

from api.cursors import cursor_after
from attestation.encoding import b64url_decode
from attestation.jws import sign_compact
from tests.fuzz.world import DEVICE, ENTERPRISE, HOLDERS, PARK, World

_TEXTS = st.text(max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_MEDIA_TYPES = ("application/jose", "text/plain", "application/x-ndjson", "application/json", "image/png", "")


@dataclass(frozen=True, slots=True)
class Made:
    """One request but for its caller's token."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class Maker:
    """Strategies of requests to each operation of the document."""

    def __init__(self, document: Mapping[str, Any], world: World) -> None:
        self._world = world
        self._operations: dict[str, Any] = {}
        self.described: dict[str, Mapping[str, Any]] = {}
        for path, item in document["paths"].items():
            for method, operation in item.items():
                raw = {key: value for key, value in operation.items() if key != "requestBody"}
                self.described[operation["operationId"]] = operation | {"method": method.upper(), "path": path}
                # Raw bodies are made here; schemathesis has no serialiser for them.
                item[method] = raw
        for found in schemathesis.openapi.from_dict(dict(document)).get_all_operations():
            operation = found.ok()
            self._operations[operation.definition.raw["operationId"]] = operation

    def requests(self, operation: str) -> SearchStrategy[Made]:
        """Requests to one operation; each is another one, also where there is nothing to vary."""
        described = self.described[operation]
        targets = self._targets(operation, described)
        headers = st.fixed_dictionaries({}, optional={"x-request-id": st.from_regex(r"[!-~]{0,70}", fullmatch=True)})
        if described["method"] != "POST":
            return st.builds(lambda target, extra: Made(described["method"], target, extra), targets, headers)
        kinds = list(described.get("requestBody", {}).get("content", {}))
        right = st.sampled_from(kinds) if kinds else st.none()
        wrong = st.sampled_from(_MEDIA_TYPES)
        return st.builds(
            lambda target, extra, kind, body: Made(
                "POST", target, extra | ({"content-type": kind} if kind else {}), body
            ),
            targets,
            headers,
            st.one_of(right, right, right, wrong),
            self._bodies(operation),
        )

    # -- where -----------------------------------------------------------------------------------------------------

    def _targets(self, operation: str, described: Mapping[str, Any]) -> SearchStrategy[str]:
        if not described.get("parameters"):
            return st.just(described["path"])
        found = self._operations[operation]
        modes = [st.builds(self._seeded, st.just(described), st.randoms(use_true_random=False))] * 2
        modes.append(found.as_strategy(generation_mode=GenerationMode.POSITIVE).map(_target))
        free = all(one["in"] == "path" and one["schema"].get("type") == "string" for one in described["parameters"])
        if not free:  # any text is right there
            modes.append(found.as_strategy(generation_mode=GenerationMode.NEGATIVE).map(_target))
        return st.one_of(modes)

    def _seeded(self, described: Mapping[str, Any], chance: Any) -> str:
        size = self._world.view.size()
        values = {
            "index": [0, 1, 5, size - 1, size, size + 1, chance.randrange(size)],
            "size": [0, 1, size - 1, size, size + 1],
            "old": [0, 1, size // 2, size],
            "new": [0, 1, size // 2, size, size + 1],
            "identifier": [*(holder[0] for holder in HOLDERS.values()), "88.608.1/NOBODY", "no identifier", "../x"],
            "issuer": [*(holder[0] for holder in HOLDERS.values()), DEVICE, ENTERPRISE, "88.608.1/NOBODY"],
            "stream": ["electricity", "holes", "keys", "policies", "nothing"],
            "seq": [1, 2, 20, 10_000, 2**53 - 1],
            "name": ["reading", "report", "nothing"],
            "path": ["0/000", "0/000.p/25", "1/000", "0/x001/000", "64/000", f"0/000.p/{size % 256}", "entries/000"],
            "after": [0, 1, size],
            "first_seq": [1, 3, 20, 2**53 - 1],
            "last_seq": [1, 4, 20, 10_000],
            "state": ["open", "lost", "filled"],
            "thumbprint": [*(key.public.kid_name for key in self._world.keys.values()), "A" * 43],
            "limit": [1, 10, 1_000],
        }
        if described["operationId"] in {"getGaps", "getStreams"}:
            listings = [cursor_after(who, DEVICE, "holes", seq) for who in (DEVICE, ENTERPRISE) for seq in (0, 3)]
            values["after"] = [*listings, "nothing"]
        # Half of the time what belongs together: an entry's place as it is.
        if chance.random() < 0.5:
            places = [(DEVICE, "electricity", 20), (DEVICE, "holes", 9), (PARK, "keys", 5), (PARK, "policies", 1)]
            issuer, stream, last = chance.choice(places)
            values |= {"issuer": [issuer], "stream": [stream], "seq": [chance.randint(1, last)]}
        target, query = described["path"], {}
        for one in described["parameters"]:
            if one["name"] not in values:
                continue
            value = str(chance.choice(values[one["name"]]))
            if one["in"] == "path":
                target = target.replace(f"{{{one['name']}}}", quote(value))
            elif one.get("required") or chance.random() < 0.5:
                query[one["name"]] = value
        return f"{target}?{urlencode(query)}" if query else target

    # -- what ------------------------------------------------------------------------------------------------------

    def _bodies(self, operation: str) -> SearchStrategy[bytes]:
        anything = st.one_of(
            st.binary(max_size=200), _TEXTS.map(str.encode), _JSON.map(lambda v: json.dumps(v).encode())
        )
        if operation == "openSession":
            roles = st.sampled_from(sorted(HOLDERS))
            good = st.builds(self._world.sign_in, roles)
            ethereum = st.fixed_dictionaries({"identifier": _TEXTS, "message": _TEXTS, "signature": _TEXTS})
            return st.one_of(good, _spoiled(good), ethereum.map(compact_json_any), anything)
        entries = self._enrolments() if operation == "enrolIdentifier" else self._entries()
        if operation == "submitStatements":
            line = st.one_of(entries.map(lambda entry: json.dumps(entry.decode("latin-1")).encode()), entries, anything)
            return st.lists(line, max_size=60).map(b"\n".join)
        return st.one_of(entries, entries, anything)

    def _entries(self) -> SearchStrategy[bytes]:
        fresh = st.builds(self._world.reading)
        known = st.builds(self._world.reading, st.integers(1, 20))
        changed = self._changes(st.one_of(fresh, st.builds(self._world.enrolment)))
        return st.one_of(fresh, known, _spoiled(fresh), changed, changed, self._inventions(*_KINDS))

    def _enrolments(self) -> SearchStrategy[bytes]:
        good = st.builds(self._world.enrolment)
        changed = self._changes(good)
        other = st.builds(self._world.reading)
        return st.one_of(good, _spoiled(good), changed, changed, self._inventions("key"), other)

    def _changes(self, good: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
        return st.builds(self._changed, good, st.randoms(use_true_random=False), _JSON, st.integers(1, 2))

    def _inventions(self, *kinds: str) -> SearchStrategy[bytes]:
        body = st.dictionaries(st.sampled_from(_BODY_MEMBERS), _JSON | _PLAUSIBLE, min_size=3, max_size=9)
        role = st.none() | st.sampled_from(sorted(HOLDERS))
        return st.builds(self._made_up, st.sampled_from(kinds), role, body)

    def _changed(self, entry: bytes, chance: Any, value: Any, count: int) -> bytes:
        """A good statement with one or two of its members, anywhere in it, replaced or removed; well signed."""
        payload = json.loads(b64url_decode(entry.split(b".")[1].decode()))
        for _ in range(count):
            place = payload
            while True:
                name = chance.choice(list(place))
                inner = place[name]
                if not isinstance(inner, dict) or not inner or chance.random() < 0.2:
                    break
                place = inner
            if len(place) > 1 and chance.random() < 0.2:
                del place[name]
            else:
                place[name] = chance.choice([value, *_PLAUSIBLE_VALUES])
        role = "device" if payload.get("type") == "reading" else "administration"
        return self._signed(role, "reading" if role == "device" else "key", payload)

    def _made_up(self, kind: str, role: str | None, body: Mapping[str, Any]) -> bytes:
        """A whole envelope around a body that is made up, mostly by somebody who may sign such a thing."""
        role = role or _SIGNERS[kind]
        payload = {
            "v": 1, "type": kind, "log": self._world.trust.log, "iss": HOLDERS[role][0], "iat": self._world.now,
            "stream": "fuzz", "seq": 1, "body": body,
        }  # fmt: skip
        return self._signed(role, kind, payload)

    def _signed(self, role: str, kind: str, payload: Mapping[str, Any]) -> bytes:
        return sign_compact(HOLDERS[role][0], f"tanlu-{kind}+jws", compact_json_any(payload), self._world.keys[role])


_SIGNERS = {
    "reading": "device", "close": "device", "loss": "device", "key": "administration", "policy": "administration",
    "report": "enterprise", "plan": "enterprise", "assignment": "administration", "finding": "verifier",
    "verification": "verifier", "objection": "enterprise", "registration": "verifier",
    "determination": "administration", "sign-in": "enterprise", "possession": "device",
}  # fmt: skip
_KINDS = sorted(_SIGNERS)
_PLAUSIBLE_VALUES = (
    "88.608.5288/A", "88.608.1/PARK", "device", "enterprise", "enrol", "add", "rotate", "revoke", "compromise",
    "propose-recovery", "veto-recovery", "complete-recovery", "2024-01-01T00:00:00Z", "2024-01-01", "1.5", "kWh",
    "factor-set", "obligation-base", "appoint", "open-draw", "contribute", "draw", "end", "object", "decide",
    0, 1, 2**53 - 1, -1, [], {}, "A" * 43, "0" * 64, None, True,
)  # fmt: skip
_PLAUSIBLE = st.sampled_from(_PLAUSIBLE_VALUES)
_BODY_MEMBERS = (
    "action", "subject", "key", "possession", "possession_evm", "from", "to", "quantity", "unit", "last_seq", "count",
    "year", "period", "factor_set", "lines", "totals", "supersedes", "policy", "id", "version", "effective_from",
    "document", "device", "stream", "first_seq", "reason", "meter", "thumbprint", "identifier", "invalid_since",
    "replaces", "approvals", "proposal", "enterprise", "verifier", "candidates", "commitment", "contribute_until",
    "draw", "secret", "assignment", "report", "items", "initial_report", "conclusion", "adjustments", "verified",
    "verification", "objection", "upheld", "tonnes", "revision", "signature", "cause", "document_hash",
)  # fmt: skip


def compact_json_any(value: Any) -> bytes:
    """JSON of anything, also of what no statement may hold."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def _spoiled(good: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    def spoil(entry: bytes, place: float, byte: int, cut: bool) -> bytes:
        at = int(place * (len(entry) - 1))
        return entry[:at] if cut else entry[:at] + bytes([byte]) + entry[at + 1 :]

    return st.builds(spoil, good, st.floats(0, 1), st.integers(0, 255), st.booleans())


def _target(case: Any) -> str:
    wanted = case.as_transport_kwargs(base_url="http://test")
    path = wanted["url"].removeprefix("http://test")
    query = urlencode(wanted.get("params") or {}, doseq=True, errors="surrogatepass")
    return f"{path}?{query}" if query else path
