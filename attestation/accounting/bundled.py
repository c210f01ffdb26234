"""The factor sets that come with the package, as JSON package data under `factors/`."""

from __future__ import annotations

import functools
import json
from importlib import resources

from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.refusals import schema_refusal

_FOLDER = resources.files("attestation.accounting").joinpath("factors")


@functools.cache
def _all() -> dict[tuple[str, str], FactorSet]:
    found: dict[tuple[str, str], FactorSet] = {}
    for entry in _FOLDER.iterdir():
        if entry.name.endswith(".json"):
            factor_set = FactorSet.from_document(json.loads(entry.read_text(encoding="utf-8")))
            found[factor_set.id, factor_set.version] = factor_set
    return dict(sorted(found.items()))


def list_bundled() -> list[tuple[str, str]]:
    """(id, version) of every bundled set, sorted."""
    return list(_all())


def load_bundled(set_id: str, version: str) -> FactorSet:
    """The bundled set of that id and version. Raises SchemaRefused (`factor_set.not_bundled`)."""
    try:
        return _all()[set_id, version]
    except KeyError:
        known = "one of " + "; ".join(f"{known_id} {edition}" for known_id, edition in _all())
        raise schema_refusal(
            "factor_set.not_bundled", "bundled factor sets", f"{set_id} {version}", known, "没有该内置排放因子集"
        ) from None
