"""A crowd of clients at one address, all connected at once: `python -m tests.faults.crowd HOST PORT CLIENTS SECONDS`.

Every second client asks for the newest checkpoint; the others send half a request and wait. Prints how each ended, as
JSON: a status, `closed` (without an answer), `reset`, or `hung` (neither within the time)."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from collections import Counter

REQUEST = b"GET /v1/checkpoint HTTP/1.1\r\nHost: crowd\r\nConnection: close\r\n\r\n"
HALF = REQUEST[:40]


async def one(host: str, port: int, number: int, connected: asyncio.Semaphore) -> str:
    """How one client ends."""
    try:
        # A backlog of connections that nobody accepts yet is the system's, not the service's.
        async with connected:
            reader, writer = await asyncio.open_connection(host, port)
    except OSError:
        return "reset"
    try:
        writer.write(REQUEST if number % 2 else HALF)
        await writer.drain()
        line = await reader.readline()
        await reader.read()
    except OSError:
        return "reset"
    finally:
        writer.close()
    return line.split()[1].decode() if line else "closed"


async def crowd(host: str, port: int, clients: int, seconds: float) -> Counter[str]:
    """All of them; what has no end after ``seconds`` is `hung`."""
    connected = asyncio.Semaphore(500)
    tasks = [asyncio.create_task(one(host, port, number, connected)) for number in range(clients)]
    done, waiting = await asyncio.wait(tasks, timeout=seconds)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    return Counter(task.result() for task in done) + Counter({"hung": len(waiting)})


def main(host: str, port: str, clients: str, seconds: str) -> None:
    """See the module."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(asyncio.run(crowd(host, int(port), int(clients), float(seconds)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
