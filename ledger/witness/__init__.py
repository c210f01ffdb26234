"""A witness: a process with its own state that cosigns a log's checkpoints only if each extends the last.

``core`` decides (pure), ``store`` keeps the state, ``service`` joins both, ``server`` speaks C2SP tlog-witness,
``client`` asks one. A witness that shares a machine or an operator with the log proves nothing against that operator.
"""
