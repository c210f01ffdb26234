"""The worker: a process that reads checks on standard input and answers on standard output.

A frame is four bytes of length, big endian, and MessagePack: a list of (algorithm, key, message, signature); the answer
is a frame with one byte per check, 1 for a good signature. It ends when its input does, so it never outlives whoever
started it, however that one ended.
"""

from __future__ import annotations

import signal
import sys
from typing import BinaryIO

import msgspec

from attestation.errors import AttestationError
from attestation.keys import Algorithm, PublicKey

LENGTH_BYTES = 4
_KEYS_KEPT = 100_000

Item = tuple[str, bytes, bytes, bytes]
_decoder = msgspec.msgpack.Decoder(list[Item])


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None when the stream ends, also within one."""
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    length = int.from_bytes(head, "big")
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: BinaryIO, body: bytes) -> None:
    """Write one frame and send it."""
    stream.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
    stream.flush()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the requests end."""
    keys: dict[tuple[str, bytes], PublicKey] = {}
    while (frame := read_frame(requests)) is not None:
        good = bytearray()
        for algorithm, raw, message, signature in _decoder.decode(frame):
            key = keys.get((algorithm, raw))
            if key is None:
                if len(keys) >= _KEYS_KEPT:
                    keys.clear()
                key = keys[algorithm, raw] = PublicKey(Algorithm(algorithm), raw)
            try:
                key.verify(message, signature)
            except AttestationError:
                good.append(0)
            else:
                good.append(1)
        write_frame(answers, bytes(good))


def main() -> None:
    """Serve standard input. A terminal's Ctrl-C is for whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
