from __future__ import annotations

import pytest

from api.public_url import check_public_url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://test",
        "https://park.example/",
        "https://park.example:8443",
        "http://127.0.0.1:8000",
        "http://[::1]:8080",
        "https://[2001:db8::7]",
    ],
)
def test_a_url_that_browsers_spell_like_that_is_taken(url: str) -> None:
    assert check_public_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "park.example",
        "ftp://park.example",
        "HTTPS://park.example",
        "https://",
        "https:///",
        "https://user@park.example",
        "https://user:password@park.example",
        "https://@park.example",
        "https://Park.example",
        "https://[2001:DB8::7]",
        "https://park.example:443",
        "http://park.example:80",
        "http://[::1]:80",
        "https://park.example:",
        "https://park.example:08443",
        "https://park.example:0",
        "https://park.example:65536",
        "https://:8443",
        "https://park.example/tanlu",
        "https://park.example//",
        "https://park.example?a",
        "https://park.example#a",
        "https://park example",
        "https://park.example\n",
        "https://p\u0430rk.example",
        "https://a:b:c",
        "https://[::1",
    ],
)
def test_a_url_that_no_sign_in_would_match_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(a|an|http://) ?"):
        check_public_url(url)
