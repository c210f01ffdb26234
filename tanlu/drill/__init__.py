"""The tamper drill: copies of a store and of its archive are altered in many ways, one at a time, and audited.

``drill`` says of each whether it was found, and whether what was found names the place. ``ALTERATIONS`` is the list.
"""

from __future__ import annotations

from tanlu.drill.alterations import ALTERATIONS, Alteration
from tanlu.drill.run import DrillResult, Tried, drill

__all__ = ["ALTERATIONS", "Alteration", "DrillResult", "Tried", "drill"]
