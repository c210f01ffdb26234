"""`python -m ganache.install [--production] [--check]`: the pinned npm packages, as the lock has them."""

from __future__ import annotations

import argparse
import sys

from ganache.errors import EngineMissing
from ganache.npm import install, installed


def main(arguments: list[str] | None = None) -> int:
    """The command: 0 when everything is there, 1 with a sentence on stderr when not."""
    parser = argparse.ArgumentParser(prog="python -m ganache.install", description="Install the pinned chain engines.")
    parser.add_argument("--production", action="store_true", help="without the compiler and the contract tools")
    parser.add_argument("--check", action="store_true", help="install nothing; fail if something is missing")
    options = parser.parse_args(arguments)
    try:
        if installed(production=options.production):
            return 0
        if options.check:
            sys.stderr.write("npm packages are missing or not those of the lock npm 包缺失或与锁文件不符\n")
            return 1
        install(production=options.production)
    except EngineMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
