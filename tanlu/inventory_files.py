"""The files of a park's sources and of an organisation's inventory, read and added up (DOMAIN 35, 46).

Their form is that of `park_document` and `inventory_document` in `attestation.accounting`; docs/accounting.md has an
example of each. Nothing here is sent anywhere, and nothing takes an obligation from it.
"""

from __future__ import annotations

from pathlib import Path

from attestation.accounting.inventory_document import YearlyInventory, yearly_inventory
from attestation.accounting.park_document import ParkTotal, park_total
from attestation.encoding import strict_json


def read_park_total(path: Path) -> ParkTotal:
    """The total of the park whose sources the file states. Raises the rules ``json.*`` and those of `park_total`."""
    return park_total(strict_json(path.read_bytes()))


def read_inventory(path: Path) -> YearlyInventory:
    """The inventory that the file states. Raises the rules ``json.*`` and those of `yearly_inventory`."""
    return yearly_inventory(strict_json(path.read_bytes()))
