"""How the steps of a case went, by their own entries (DOMAIN 10, 44, 45)."""

from __future__ import annotations

from collections.abc import Mapping

from attestation.bodies import Body, DecideObjection, Determination, RaiseObjection, Registration, Verification
from tanlu.casework import body_of
from tanlu.client import Client
from tanlu.client.cases import CaseFile

_TELLING = frozenset({"verification", "object", "decide", "registration", "determination"})


def read_bodies(client: Client, case: CaseFile, log: str) -> dict[int, Body]:
    """What the steps say that conclude something, by their place in the log of that origin."""
    return {one.index: body_of(client.entry(one.index).entry, log) for one in case.steps if one.kind in _TELLING}


def outcomes(case: CaseFile, bodies: Mapping[int, Body], *, zh: bool) -> dict[int, str]:
    """How each of those steps went, in words. A verdict under an upheld objection is void."""
    named = {one.statement_id: bodies[one.index] for one in case.steps if one.index in bodies}
    upheld = {one.objection for one in bodies.values() if isinstance(one, DecideObjection) and one.upheld}
    against = ((own, body) for own, body in named.items() if isinstance(body, RaiseObjection))
    void = {body.verification for own, body in against if own in upheld}
    ids = {one.index: one.statement_id for one in case.steps}
    return {index: _words(body, void=ids[index] in void, zh=zh) for index, body in bodies.items()}


def _words(body: Body, *, void: bool, zh: bool) -> str:
    match body:
        case Verification():
            tonnes = "" if body.verified is None else f" {body.verified.obligation_tonnes} t"
            return f"{body.conclusion}{tonnes}" + (("，作废" if zh else ", void") if void else "")
        case DecideObjection():
            return ("成立" if zh else "upheld") if body.upheld else ("不成立" if zh else "not upheld")
        case Registration() | Determination():
            return f"{body.tonnes} t，第 {body.revision} 版" if zh else f"{body.tonnes} t, revision {body.revision}"
        case _:
            return "-"
