"""The history: what was ever said, found again; the way of a tonne and of units; what a mistake touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.access.callers import OVERSEERS
from api.access.guard import Asked, AskedDep
from api.deps import Service, ServiceDep
from api.describe import failures
from api.effect_models import Effects, TouchedEntry
from api.history_models import History, Tonne
from api.models import HASH
from api.problems import Refused
from api.routes.assets import AssetPath
from api.routes.cases import YearPath
from api.routes.parameters import AtQuery, BlockQuery, absent, identifier_in, instant_in
from api.routes.policies import KindText
from api.unit_way_models import UnitWay
from attestation.assets import parse_asset
from attestation.bodies import NAME_LIMIT
from attestation.statements import BODY_TYPES
from ledger.history import HITS_SHOWN, Question
from ledger.merkle import MAX_SIZE

router = APIRouter(tags=["history"])

_TYPES = frozenset(BODY_TYPES)
SecondQuery = Annotated[int | None, Query(ge=0, le=MAX_SIZE)]


def _search(
    service: Service, asked: Asked, question: Question, *, newest: bool, after: int | None, limit: int
) -> History:
    asked.object = _asked_for(question)
    if question.type is not None and question.type not in _TYPES:
        raise Refused(
            422,
            "history.type",
            question.type,
            ", ".join(sorted(_TYPES)),
            (f"There are no statements of type {question.type}.", f"没有 {question.type} 类型的声明。"),
            parameter="query.type",
        )
    if question.since is not None and question.until is not None and question.since > question.until:
        raise Refused(
            422,
            "history.time",
            f"{question.since} to {question.until}",
            "since at or before until",
            ("The time ends before it begins.", "起始时间晚于截止时间。"),
            parameter="query.since",
        )
    if question.identifier is not None:
        asked.require_reader(question.identifier)
    if question.account is not None:
        asked.require_holder(question.account)

    def may_read(issuer: str, type_: str, about: Sequence[str]) -> bool:
        caller, rights = asked.caller, asked.access.rights
        if caller is None:
            return False
        if caller.role in OVERSEERS or rights.may_read(caller, issuer, type_):
            return True
        return any(rights.may_read(caller, one, type_) for one in about)

    return History.of(service.view.history.search(question, may_read, newest=newest, after=after, limit=limit))


def _asked_for(question: Question) -> str:
    named = ((name, getattr(question, name)) for name in question.__slots__)
    said = (
        f"{name} {value.hex() if isinstance(value, bytes) else value}" for name, value in named if value is not None
    )
    return f"history: {', '.join(said)}".rstrip(": ")


def _tonne(service: Service, asked: Asked, enterprise: str, year: int) -> Tonne:
    enterprise = identifier_in(enterprise)
    asked.object = f"tonnes of {enterprise} {year}"
    asked.require_holder(enterprise)
    found = service.view.history.tonne(enterprise, year)
    if found is None:
        raise absent("cases.unknown", f"{enterprise} {year}", "case", "案件")
    return Tonne.told(found)


@router.get(
    "/history", operation_id="searchHistory", summary="Search what was said", responses=failures(400, 403, 422, 503)
)
async def search_history(
    *,
    service: ServiceDep,
    asked: AskedDep,
    identifier: Annotated[
        str | None,
        Query(max_length=255, description="Who signed, devices and persons too, whom it is about, whom it names."),
    ] = None,
    account: Annotated[
        str | None, Query(max_length=255, description="The holder of an account: what touches its units and cash.")
    ] = None,
    serial: Annotated[
        str | None,
        Query(
            pattern=r"^[^\x00-\x1f\x7f]{1,160}$",
            description="CCER by series, `series-number`, number or cancellation; a green certificate; an "
            "accreditation; a meter.",
        ),
    ] = None,
    order: Annotated[str | None, Query(pattern=HASH, description="Hash of an order.")] = None,
    operation: Annotated[str | None, Query(pattern=HASH, description="Operation id.")] = None,
    type: Annotated[  # noqa: A002 - the parameter's name
        str | None, Query(max_length=32, description="Type of statement; readings are searched only by it.")
    ] = None,
    text: Annotated[
        str | None, Query(min_length=2, max_length=200, description="In the words of the body, whatever the case.")
    ] = None,
    since: SecondQuery = None,
    until: SecondQuery = None,
    sort: Annotated[Literal["newest", "oldest"], Query(description="Which come first.")] = "newest",
    after: Annotated[int | None, Query(ge=0, le=MAX_SIZE, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=HITS_SHOWN, description="At most so many.")] = HITS_SHOWN,
) -> History:
    """Everything that is given must hold; of what the caller may read. `since` and `until`: accepted at, unix seconds,
    both included. A page looks at no more than 2,000 entries, so it may be empty and have a next one."""
    question = Question(
        identifier=None if identifier is None else identifier_in(identifier),
        account=None if account is None else identifier_in(account),
        serial=serial,
        order=None if order is None else bytes.fromhex(order),
        operation=None if operation is None else bytes.fromhex(operation),
        type=type,
        text=text,
        since=since,
        until=until,
    )
    return await service.read(_search, service, asked, question, newest=sort == "newest", after=after, limit=limit)


@router.get(
    "/history/tonnes/{enterprise:path}/{year}",
    operation_id="getTonne",
    summary="The way of a tonne",
    responses=failures(400, 403, 404, 503),
)
async def get_tonne(enterprise: str, year: YearPath, service: ServiceDep, asked: AskedDep) -> Tonne:
    """From the readings that the report cites over its lines and factors to verdict, figure, obligation and surrender;
    every step with its entry's place and leaf."""
    return await service.read(_tonne, service, asked, enterprise, year)


def _units(
    service: Service,
    asked: Asked,
    account: str,
    asset: str,
    *,
    from_block: int,
    block: int | None,
    at: str | None,
) -> UnitWay:
    account = identifier_in(account)
    asked.object = f"way of {asset} of {account}"
    asked.require_holder(account)
    until = instant_in(at, block)
    found = service.view.history.units(account, parse_asset(asset), from_block=from_block, block=block, at=until)
    if found is None:
        raise absent("accounts.unknown", account, "account", "账户")
    return UnitWay.told(found)


@router.get(
    "/history/units/{account:path}/{asset}",
    operation_id="getUnitWay",
    summary="The way of units",
    responses=failures(400, 403, 404, 422, 503),
)
async def get_unit_way(
    *,
    account: str,
    asset: AssetPath,
    service: ServiceDep,
    asked: AskedDep,
    from_block: Annotated[int, Query(ge=0, le=MAX_SIZE, description="From this block on.")] = 0,
    block: BlockQuery = None,
    at: AtQuery = None,
) -> UnitWay:
    """What came into an account of an asset and what left it: granted, bought, transferred, carried over; sold,
    surrendered, cancelled; each with the other account, the tonnes and the blocks. Units are alike: no order in which
    they left is claimed. Opening, and what came, less what left, is closing."""
    return await service.read(_units, service, asked, account, asset, from_block=from_block, block=block, at=at)


def _effects(
    service: Service, asked: Asked, key: str | None, policy: tuple[str | None, ...], *, after: int, limit: int
) -> Effects:
    given = [part for part in policy if part is not None]
    asked.object = f"effects of {' '.join([*(() if key is None else ('key', key)), *given])}"
    if (key is None) == (not given) or len(given) not in {0, len(policy)}:
        raise Refused(
            422,
            "history.effects",
            asked.object,
            "key, or policy with id and version",
            ("Name a key, or a policy by kind, id and version.", "请指明一个密钥，或以类别、标识和版本指明一项政策。"),
            parameter="query.key" if key is not None else "query.policy",
        )
    if key is not None:
        return _of_key(service, asked, key, after, limit)
    asked.require_reader(None)
    kind, name, version = given
    found = service.view.policies.reports(kind, name, version, after=after, limit=limit)
    if found is None:
        raise absent("policies.unknown", " ".join(given), "policy", "政策")
    touched = [TouchedEntry.judged(one) for one in found]
    return Effects(compromised_since=None, entries=touched, next=found[-1].index if len(found) == limit else None)


def _of_key(service: Service, asked: Asked, thumbprint: str, after: int, limit: int) -> Effects:
    row = service.view.key(thumbprint)
    asked.require_reader(None if row is None else row.identifier)
    if row is None:
        raise absent("keys.unknown", thumbprint, "key", "密钥")
    found = service.view.flagged(thumbprint, after=after, limit=limit)
    touched = [TouchedEntry.flagged(one) for one in found]
    following = found[-1].index if len(found) == limit else None
    return Effects(compromised_since=row.compromised_since, entries=touched, next=following)


@router.get(
    "/history/effects",
    operation_id="listEffects",
    summary="What a mistake touches",
    responses=failures(401, 403, 404, 422, 503),
)
async def list_effects(
    *,
    service: ServiceDep,
    asked: AskedDep,
    key: Annotated[
        str | None, Query(pattern=r"^[A-Za-z0-9_-]{43}$", description="RFC 7638 thumbprint, base64url.")
    ] = None,
    policy: Annotated[KindText | None, Query(description="With `id` and `version`: a version of a policy.")] = None,
    policy_id: Annotated[str | None, Query(alias="id", min_length=1, max_length=NAME_LIMIT)] = None,
    version: Annotated[str | None, Query(min_length=1, max_length=NAME_LIMIT)] = None,
    after: Annotated[int, Query(ge=-1, le=MAX_SIZE, description="`next` of the page before.")] = -1,
    limit: Annotated[int, Query(ge=1, le=1_000, description="At most so many.")] = 100,
) -> Effects:
    """Of a key that was declared compromised the entries that it puts in doubt, each with why; of a version of a
    policy, as of a factor set that was corrected since, the reports that were judged by it, and what replaced them."""
    named = (policy, policy_id, version)
    return await service.read(_effects, service, asked, key, named, after=after, limit=limit)
