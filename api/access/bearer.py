"""The token of a request (RFC 6750, section 2.1): one ``Authorization`` header, the scheme ``Bearer``, one token."""

from __future__ import annotations

from starlette.datastructures import Headers

from api.access.refusals import not_signed_in

_SCHEME = "bearer"
_LONGEST_SCHEME = 16
_EXPECTED = "Authorization: Bearer <token of /v1/sessions>"


def bearer_token(headers: Headers) -> str | None:
    """The token as it was sent; None without the header.

    Raises Refused: 401 ``access.token_repeated`` for two headers, of which a gateway may have judged the other one;
    ``access.token_missing`` for another scheme.
    """
    given = headers.getlist("authorization")
    if not given:
        return None
    if len(given) > 1:
        raise not_signed_in(
            "access.token_repeated",
            f"{len(given)} Authorization headers",
            _EXPECTED,
            "Authorization was sent more than once.",
            "Authorization 请求头出现了多次。",
        )
    # The scheme is case-insensitive (RFC 9110, section 11.1), and spaces may be many; nothing else is white space here.
    scheme, _, token = given[0].partition(" ")
    token = token.strip(" ")
    if scheme.lower() != _SCHEME or not token:
        # Without a name that a scheme could have, this may be the token itself.
        shown = scheme if len(scheme) <= _LONGEST_SCHEME and scheme.isalpha() else f"{len(scheme)} characters"
        raise not_signed_in(
            "access.token_missing", shown, _EXPECTED, "Another scheme than Bearer.", "认证方式不是 Bearer。"
        )
    return token
