"""``objection``: an enterprise against a verdict, and what is decided (DOMAIN 44). One struct per ``action``."""

from __future__ import annotations

from attestation.bodies.texts import Part, ReasonText, StatementIdText
from attestation.bodies.words import WordsText


class ObjectionAction(Part, frozen=True, kw_only=True, tag_field="action"):
    """What every body of ``objection`` is; ``action`` stands first in its JSON."""

    @property
    def action(self) -> str:
        """The member ``action``."""
        return str(self.__struct_config__.tag)


class RaiseObjection(ObjectionAction, frozen=True, kw_only=True, tag="object"):
    """The enterprise objects to the verdict of that statement id."""

    verification: StatementIdText
    grounds: WordsText


class DecideObjection(ObjectionAction, frozen=True, kw_only=True, tag="decide"):
    """The registrar decides. An upheld objection voids the verdict and ends the verifier's assignment."""

    objection: StatementIdText
    upheld: bool
    reason: ReasonText


Objection = RaiseObjection | DecideObjection
"""Body of ``objection``: one of the actions."""
