"""Thumbprints on the command line: base64url, so that one of 64 begins with a hyphen and looks like an option."""

from __future__ import annotations

import re

import click

from attestation.bodies.texts import THUMBPRINT_PATTERN

_THUMBPRINT = re.compile(THUMBPRINT_PATTERN)


def is_thumbprint(text: str) -> bool:
    """Whether that is the form of an RFC 7638 thumbprint in base64url."""
    return _THUMBPRINT.fullmatch(text) is not None


class ThumbprintCommand(click.Command):
    """A command with a thumbprint among its arguments, and none among the values of its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with thumbprints where nothing is taken for an option."""
        given = [word for word in args if word.startswith("-") and is_thumbprint(word)]
        if given and "--" not in args:
            args = [*(word for word in args if word not in given), "--", *given]
        return super().parse_args(ctx, args)
