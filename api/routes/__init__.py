"""One module per subject; every path stands below ``/v1``. Routes translate, they decide nothing."""

from __future__ import annotations

from api.routes import about, entries, identifiers, keys, sessions, statements, streams, tree

ROUTERS = (
    statements.router,
    identifiers.router,
    keys.router,
    entries.router,
    streams.router,
    sessions.router,
    tree.router,
    about.router,
)
