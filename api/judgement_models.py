"""The answer to a body that the log would take as it stands."""

from __future__ import annotations

from pydantic import Field

from api.models import Answer


class Judgement(Answer):
    """No rule of the log stands against the body now. What would be refused is answered with the refusal itself."""

    type: str = Field(description="The statement's type.")
    issuer: str = Field(description="As whose statement it was judged.")
    entries: int = Field(ge=0, description="How many entries the log had when it was judged.")
