"""cvc5 for tools/prove.py: answer one SMT-LIB file, with bit vectors taken as integers.

    python tools/integer_solver.py FILE

Bits are the wrong words for quotients of products: as integers the cap's floor is proved in a tenth of a second, as
bits not in minutes. Runs in the environment of the prover, where cvc5 is.
"""

from __future__ import annotations

import sys

import cvc5  # type: ignore[import-not-found]  # in the prover's environment only


def main() -> int:
    """Print what the file's commands answer: `unsat`, or `sat` and a model."""
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    solver.setOption("solve-bv-as-int", "sum")
    solver.setOption("produce-models", "true")
    parser = cvc5.InputParser(solver)
    parser.setFileInput(cvc5.InputLanguage.SMT_LIB_2_6, sys.argv[1])
    while not (command := parser.nextCommand()).isNull():
        answer = command.invoke(solver, parser.getSymbolManager())
        if answer:
            print(str(answer).strip())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
