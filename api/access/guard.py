"""In front of every route: who calls, whether the route is for them, and whether they asked too much."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.access.access import Access
from api.access.bearer import bearer_token
from api.access.callers import OVERSEERS, TRADERS, Caller, Role
from api.access.limits import counted_as
from api.access.refusals import not_signed_in, not_yours, too_much, wrong_role
from api.access.table import ROUTES, Need
from api.deps import Service, service_of


@dataclass(slots=True)
class Asked:
    """One request as access sees it. ``object`` and ``owner`` are filled in for the log of reads."""

    access: Access
    caller: Caller | None
    operation: str
    object: str = ""
    owner: str | None = None
    owner_body: str | None = None

    @property
    def role(self) -> Role:
        """The caller's role."""
        return Role.PUBLIC if self.caller is None else self.caller.role

    @property
    def identifier(self) -> str:
        """Whom limits count; for routes that need a sign-in."""
        return "" if self.caller is None else self.caller.identifier

    def require_reader(self, issuer: str | None, type_: str | None = None, about: Collection[str] = ()) -> None:
        """Raise the one 403 unless the caller may read what ``issuer`` signed, or what is ``about`` them. Blocking.

        ``issuer`` None: there is no such thing. Who may read everything goes on and is told so by the route.
        """
        if issuer is not None:
            self.owner, self.owner_body = issuer, self.access.rights.body_of(issuer)
        caller = self.caller
        if caller is None:
            raise not_yours()
        if caller.role in OVERSEERS:
            return
        rights = self.access.rights
        if issuer is not None and rights.may_read(caller, issuer, type_):
            return
        if not any(rights.may_read(caller, one, type_) for one in about):
            raise not_yours()

    def require_holder(self, *holders: str) -> None:
        """Raise the one 403 unless the caller is (or belongs to) one of these, whose account it is about, or oversees
        all of them. Blocking. None of them: it is about nobody's account."""
        if holders:
            self.owner, self.owner_body = holders[0], self.access.rights.body_of(holders[0])
        caller = self.caller
        if caller is None:
            raise not_yours()
        if caller.role not in OVERSEERS and (caller.role is Role.DEVICE or caller.body not in holders):
            raise not_yours()

    def readable_enterprises(self) -> frozenset[str] | None:
        """Whose cases the caller may list: None for all. Blocking."""
        if self.caller is None:
            raise not_yours()
        return self.access.rights.enterprises_of(self.caller)


async def enter(request: Request, service: Annotated[Service, Depends(service_of)]) -> Asked:
    """The dependency of every route.

    Raises Refused: 401 without a good token where one is needed, 403 for a role that may not, 429 with ``Retry-After``.
    """
    access = service.access
    operation = str(getattr(request.scope.get("route"), "operation_id", None))
    token = bearer_token(request.headers)
    caller: Caller | None = None
    if token is None:
        _count(access.anonymous.take, _address(request))
    else:
        try:
            caller = access.sessions.kept(token)
            if caller is None:
                caller = await service.read(access.sessions.caller, token)
        except Exception:
            # Guessing tokens counts as asking without one.
            _count(access.anonymous.take, _address(request))
            raise
        _count(access.requests.take, caller.identifier)
    asked = Asked(access, caller, operation)
    request.state.role = asked.role.value
    request.state.asked = asked
    _check_role(asked)
    return asked


AskedDep = Annotated[Asked, Depends(enter)]


def _check_role(asked: Asked) -> None:
    need = ROUTES.get(asked.operation)
    if need is Need.ANYONE:
        return
    if asked.caller is None:
        raise not_signed_in(
            "access.token_missing",
            "no token",
            "Authorization: Bearer <token of /v1/sessions>",
            "This needs a sign-in.",
            "此操作需要登录。",
        )
    registrar = asked.access.registrar
    # Of several parks only the one that keeps the register lets anybody in.
    if need is Need.PARK and (asked.role, asked.caller.body) != (Role.ADMINISTRATION, registrar):
        raise wrong_role(asked.role.value, f"{need.value} of {registrar}")
    if need is Need.TRADER and asked.role not in TRADERS:
        raise wrong_role(asked.role.value, need.value)
    if need is None or (need is Need.OVERSEER and asked.role not in OVERSEERS):
        raise wrong_role(asked.role.value, "nobody" if need is None else need.value)


def count_application(request: Request, asked: Asked) -> None:
    """Count one more application of this address, signed in or not. Raises Refused (429, ``access.applications``)."""
    wait = asked.access.applications.take(_address(request))
    if wait:
        raise too_much("access.applications", "too many applications", "fewer applications per hour", wait)


def _address(request: Request) -> str:
    return "unknown" if request.client is None else counted_as(request.client.host)


def _count(take: Callable[[str], float], caller: str) -> None:
    wait = take(caller)
    if wait:
        raise too_much("access.requests", "too many requests", "fewer requests per second", wait)
