"""Steps 9 to 12 by statement type: one module per family, each with the steps in order."""
