"""The factor set that the demo's park publishes: the bundled steel set's fuels, grid and heat, and what its glass and
chemical works need besides, by stoichiometry."""

from __future__ import annotations

from attestation.accounting import FactorSet, load_bundled

_BUNDLED = ("cets-steel", "03.01-v01-2024")
ID, VERSION = "park-88.608.1000", "2018-1"

_PROCESS = {
    "limestone": ("0.4397", "stoichiometry, CaCO3: 44.0095 / 100.0869"),
    "dolomite": ("0.4773", "stoichiometry, CaMg(CO3)2: 2 x 44.0095 / 184.4008"),
}
_CARBON = {
    "ethylene": ("0.8563", "stoichiometry, C2H4: 2 x 12.0107 / 28.0532"),
    "ethylene_oxide": ("0.5453", "stoichiometry, C2H4O: 2 x 12.0107 / 44.0526"),
}


def park_factor_set() -> FactorSet:
    """The park's set, made of a published document and four factors of its own, each with its source."""
    document = load_bundled(*_BUNDLED).document()
    document["id"], document["version"] = ID, VERSION
    document["title"] = "Factors of the demonstration park, 2018"
    document["process"] = {
        name: {"factor": factor, "unit": "tCO2/t", "source": source} for name, (factor, source) in _PROCESS.items()
    }
    document["carbon"] = {
        name: {"factor": factor, "unit": "tC/t", "source": source} for name, (factor, source) in _CARBON.items()
    }
    return FactorSet.from_document(document)
