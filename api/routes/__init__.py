"""One module per subject; every path stands below ``/v1``. Routes translate, they decide nothing."""

from __future__ import annotations

from api.routes import (
    about,
    admissions,
    cases,
    deadlines,
    entries,
    identifiers,
    keys,
    labels,
    measured,
    policies,
    sessions,
    statements,
    streams,
    tree,
)

ROUTERS = (
    statements.router,
    identifiers.router,
    admissions.router,
    keys.router,
    entries.router,
    streams.router,
    labels.router,
    measured.router,
    cases.router,
    policies.router,
    deadlines.router,
    sessions.router,
    tree.router,
    about.router,
)
