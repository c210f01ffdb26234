"""Request bodies, judged while they are read: nothing above a limit is ever held."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import ClientDisconnect, Request

from api.problems import Refused
from attestation.refusals import refuse
from attestation.statements import MAX_ENTRY_BYTES

STATEMENT_TYPES = ("application/jose", "text/plain")
NDJSON_TYPES = ("application/x-ndjson",)


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


async def read_statement(request: Request) -> bytes:
    """The entry in a request's body, without one final line end, which files tend to have.

    Raises ``entry.size`` (413) as soon as the body is too long, Refused ``http.truncated`` and ``http.empty`` (400).
    """
    require_media_type(request, STATEMENT_TYPES)
    longest = MAX_ENTRY_BYTES + len(b"\r\n")
    declared = declared_length(request)
    if declared is not None and declared > longest:
        raise refuse("entry.size", f"{declared} bytes")
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > longest:
                raise refuse("entry.size", f"more than {longest} bytes")
    except ClientDisconnect:
        raise Refused(
            400,
            "http.truncated",
            f"{len(body)} bytes",
            f"{declared} bytes" if declared is not None else "a whole body",
            (
                "The connection ended before the body did; nothing was stored.",
                "请求体未传完连接即中断，未存储任何内容。",
            ),
        ) from None
    if not body:
        raise Refused(400, "http.empty", "0 bytes", "one compact JWS", ("The body is empty.", "请求体为空。"))
    return bytes(body).removesuffix(b"\n").removesuffix(b"\r")
