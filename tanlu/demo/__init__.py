"""The demonstration: one park year, as far as the features exist, through real processes and public interfaces only.

``inputs`` is what the demo chooses (who, which meters, how much), ``factors`` and ``parameters`` are what its park
publishes, ``processes`` starts what an operator would start. ``park_year`` acts the year out: ``admission``,
``evidence``, ``reports``, ``verification``, by the ``actors``. ``checks`` does what a suspicious visitor would do,
``run`` writes what happened. Nothing that is reported is written into the program: every figure is read back from what
the service did.
"""
