"""The witness over HTTP: C2SP tlog-witness ``add-checkpoint`` and monitor retrieval, and ``/health``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ledger.errors import LedgerError, WitnessConflict, WitnessRefused
from ledger.serving import Allowance, BodyEnded, BodyPatience, BodyTooSlow, Server, ServiceStopping, stop_signals
from ledger.witness.core import MAX_BODY_BYTES
from ledger.witness.service import Witness, WitnessSettings
from ledger.witness.store import StateFile

_LOG = logging.getLogger(__name__)
_GRACE_SECONDS: Final = 5
_CONNECTIONS: Final = 64


def create_app(witness: Witness) -> Starlette:
    """The application of one witness: ``POST /add-checkpoint``, ``GET /<origin hash>/checkpoint``, ``GET /health``."""

    async def add_checkpoint(request: Request) -> Response:
        body = await _body_or_refusal(request)
        if isinstance(body, Response):
            return body
        try:
            lines = await run_in_threadpool(witness.add_checkpoint, body)
        except WitnessConflict as conflict:
            return Response(f"{conflict.size}\n", 409, media_type="text/x.tlog.size")
        except WitnessRefused as refused:
            _LOG.warning("refused (%s): %s", refused.status, refused)
            return _refusal(refused.status, str(refused))
        except OSError:
            _LOG.exception("the state could not be made durable; nothing was signed")
            return _refusal(500, "witness.state: the state could not be made durable")
        return PlainTextResponse("".join(line.format() for line in lines))

    async def checkpoint(request: Request) -> Response:
        state = witness.state
        if request.path_params["origin_hash"] != sha256(state.origin.encode()).hexdigest() or not state.note:
            return _refusal(404, "witness.origin: no checkpoint of this origin was cosigned")
        return PlainTextResponse(state.note.decode(), headers={"Cache-Control": "max-age=5"})

    async def health(_: Request) -> Response:
        state, settings = witness.state, witness.settings
        return JSONResponse(
            {
                "status": "ok",
                "origin": state.origin,
                "epoch": state.epoch,
                "size": str(state.size),
                "root": state.root.hex(),
                "witness": str(settings.signer.verifier),
                "cosigner": None if settings.chain_signer is None else str(settings.chain_signer.verifier),
            }
        )

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
            Route("/{origin_hash}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


async def _body_or_refusal(request: Request) -> bytes | Response:
    try:
        body = await _read(request)
    except BodyTooSlow:
        return _refusal(408, "witness.slow-body: the request's body took too long")
    except ServiceStopping:
        return _refusal(503, "witness.stopping: this witness is about to end")
    return _refusal(413, f"witness.body-size: at most {MAX_BODY_BYTES} bytes") if body is None else body


async def _read(request: Request) -> bytes | None:
    """The body, or None once it exceeds the limit: the rest is not read."""
    chunks: list[bytes] = []
    length = 0
    try:
        async for chunk in request.stream():
            length += len(chunk)
            if length > MAX_BODY_BYTES:
                return None
            chunks.append(chunk)
    except BodyEnded:
        raise
    except ClientDisconnect:
        return b""
    return b"".join(chunks)


def _protocol_refusal(_status: int, rule: str, text: str, _text_zh: str) -> tuple[str, bytes]:
    return "text/plain; charset=utf-8", f"{rule}: {text}\n".encode()


def _refusal(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status)


def run(
    settings: WitnessSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str], None] | None = None,
    clock: Callable[[], int] = lambda: int(time.time()),
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way (at most 5 s) and return.

    ``port`` 0 takes a free one; ``ready`` gets the base URL once requests are served. Raises ``WitnessInUse``,
    ``WitnessStateInvalid``; ``LedgerError`` if the address cannot be served.
    """
    with StateFile(settings.state_path) as store:
        patient = BodyPatience(create_app(Witness(settings, store, clock)))
        server = Server(
            patient,
            host,
            port,
            grace=_GRACE_SECONDS,
            refusal=_protocol_refusal,
            up=ready or (lambda _url: None),
            stopping=patient.stop,
            allowance=Allowance(connections=_CONNECTIONS),
        )
        try:
            with stop_signals(server.stop):
                server.run()
        except SystemExit as error:
            raise LedgerError(
                "The witness cannot serve this address.",
                rule="witness.address",
                value=f"{host}:{port}",
                expected="a free address",
                message_zh="见证人无法在此地址提供服务。",
            ) from error
