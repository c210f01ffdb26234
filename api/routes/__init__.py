"""One module per subject; every path stands below ``/v1``. Routes translate, they decide nothing."""

from __future__ import annotations

from api.routes import (
    about,
    accounts,
    admissions,
    allocations,
    assets,
    cases,
    compliance,
    deadlines,
    entries,
    identifiers,
    keys,
    labels,
    measured,
    operations,
    policies,
    scores,
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
    accounts.router,
    assets.router,
    compliance.router,
    allocations.router,
    scores.router,
    operations.router,
    sessions.router,
    tree.router,
    about.router,
)
