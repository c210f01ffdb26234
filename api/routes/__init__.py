"""One module per subject; every path stands below ``/v1``. Routes translate, they decide nothing."""

from __future__ import annotations

from api.routes import about, entries, identifiers, sessions, statements, tree

ROUTERS = (statements.router, identifiers.router, entries.router, sessions.router, tree.router, about.router)
