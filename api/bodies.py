"""Request bodies, judged while they are read: nothing above a limit is ever held."""

from __future__ import annotations

from collections.abc import Callable, Collection

from starlette.requests import ClientDisconnect, Request

from api.problems import Refused
from attestation.applications import MAX_BYTES as MAX_APPLICATION_BYTES
from attestation.refusals import refuse
from attestation.statements import MAX_ENTRY_BYTES
from ledger.serving import BodyTooSlow, ServiceStopping

STATEMENT_TYPES = ("application/jose", "text/plain")
NDJSON_TYPES = ("application/x-ndjson",)
JUDGED_TYPES = ("application/json",)
MAX_SIGN_IN_BYTES = 16 * 1024

_RESTART_SECONDS = "5"


def require_media_type(request: Request, accepted: Collection[str]) -> None:
    """Refuse a request whose ``Content-Type`` is not in ``accepted`` (415, ``http.media_type``)."""
    given = request.headers.get("content-type", "")
    if given.partition(";")[0].strip().lower() not in accepted:
        wanted = ", ".join(accepted)
        raise Refused(
            415,
            "http.media_type",
            given,
            wanted,
            (f"The body's media type must be one of: {wanted}.", f"请求体的媒体类型必须是：{wanted}。"),
            headers={"Accept": wanted},
        )


def declared_length(request: Request) -> int | None:
    """``Content-Length``, or None where the body comes in chunks."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def ended(
    gone: ClientDisconnect, rule: str, received: int, declared: int | None, kept: tuple[str, str], **members: object
) -> Refused:
    """The refusal of a body that did not come whole.

    ``rule`` is for a connection that was cut; ``kept`` says in English and Chinese what was stored of it; ``members``
    go into the problem document.
    """
    status, text, headers = 400, ("The connection ended before the body did", "请求体未传完连接即中断"), {}
    if isinstance(gone, BodyTooSlow):
        status, rule, text = 408, "http.slow_body", ("The body came too slowly", "请求体传输过慢")
    elif isinstance(gone, ServiceStopping):
        status, rule, text = (
            503,
            "service.stopping",
            ("The service is about to stop; send again", "服务即将停止，请重新发送"),
        )
        headers = {"Retry-After": _RESTART_SECONDS}
    return Refused(
        status,
        rule,
        f"{received} bytes",
        f"{declared} bytes" if declared is not None else "a whole body",
        (f"{text[0]}; {kept[0]}.", f"{text[1]}，{kept[1]}。"),
        headers=headers,
        **members,
    )


async def read_statement(request: Request) -> bytes:
    """The entry in a request's body, without one final line end, which files tend to have.

    Raises ``entry.size`` (413) as soon as the body is too long, Refused ``http.truncated`` and ``http.empty`` (400),
    ``http.slow_body`` (408), ``service.stopping`` (503).
    """
    require_media_type(request, STATEMENT_TYPES)
    longest = MAX_ENTRY_BYTES + len(b"\r\n")
    body = await _read_small(request, longest, lambda size: refuse("entry.size", size))
    return body.removesuffix(b"\n").removesuffix(b"\r")


async def read_judged(request: Request) -> bytes:
    """The body of a question about what nobody signed yet, as long as a statement may be.

    Raises what :func:`read_statement` raises.
    """
    require_media_type(request, JUDGED_TYPES)
    return await _read_small(
        request, MAX_ENTRY_BYTES, lambda size: refuse("entry.size", size), "one object with type and body"
    )


async def read_sign_in(request: Request, *media_types: str) -> tuple[str, bytes]:
    """The media type and the body of a sign-in, at most 16 KiB.

    Raises Refused ``http.media_type`` (415), ``sign_in.size`` (413), and what :func:`read_statement` raises for a body
    that does not come whole.
    """
    require_media_type(request, media_types)
    media_type = request.headers["content-type"].partition(";")[0].strip().lower()
    body = await _read_small(request, MAX_SIGN_IN_BYTES, _sign_in_too_long)
    return media_type, body.strip()


async def read_application(request: Request, *media_types: str) -> bytes:
    """The body of an application, at most 32 KiB.

    Raises Refused ``http.media_type`` (415), ``application.size`` (413), and what :func:`read_statement` raises for a
    body that does not come whole.
    """
    require_media_type(request, media_types)
    return await _read_small(request, MAX_APPLICATION_BYTES, _application_too_long, "one application in JSON")


def _application_too_long(size: str) -> Refused:
    return Refused(
        413,
        "application.size",
        size,
        f"at most {MAX_APPLICATION_BYTES} bytes",
        (f"An application has at most {MAX_APPLICATION_BYTES} bytes.", f"准入申请最多 {MAX_APPLICATION_BYTES} 字节。"),
    )


def _sign_in_too_long(size: str) -> Refused:
    return Refused(
        413,
        "sign_in.size",
        size,
        f"at most {MAX_SIGN_IN_BYTES} bytes",
        (f"A sign-in has at most {MAX_SIGN_IN_BYTES} bytes.", f"登录请求最多 {MAX_SIGN_IN_BYTES} 字节。"),
    )


async def _read_small(
    request: Request, longest: int, too_long: Callable[[str], Exception], wanted: str = "one compact JWS"
) -> bytes:
    declared = declared_length(request)
    if declared is not None and declared > longest:
        raise too_long(f"{declared} bytes")
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > longest:
                raise too_long(f"more than {longest} bytes")
    except ClientDisconnect as gone:
        nothing = "nothing was stored", "未存储任何内容"
        raise ended(gone, "http.truncated", len(body), declared, nothing) from None
    if not body:
        raise Refused(400, "http.empty", "0 bytes", wanted, ("The body is empty.", "请求体为空。"))
    return bytes(body)
