from __future__ import annotations

import pytest

from attestation.uris import check_authority, check_scheme, check_uri

# RFC 3986, section 1.1.2 and appendix C, and section 3.2.2's forms of a host.
URIS = [
    "ftp://ftp.is.co.za/rfc/rfc1808.txt",
    "http://www.ietf.org/rfc/rfc2396.txt",
    "ldap://[2001:db8::7]/c=GB?objectClass?one",
    "mailto:John.Doe@example.com",
    "news:comp.infosystems.www.servers.unix",
    "tel:+1-816-555-1212",
    "telnet://192.0.2.16:80/",
    "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
    "http://example.com/a%20b?c=%E7%A2%B3#d/e?f",
    "http://u:p@example.com:/",
    "http://[v7.a:b]/",
    "http://[::ffff:192.0.2.1]:8443",
    "file:///etc/hosts",
    "a:",
    "a:b//c",
    "a:?#",
]
NOT_URIS = [
    "",
    "/relative",
    "//example.com",
    "1http://example.com",
    ":a",
    "ht tp://a",
    "http://exa mple.com",
    "http://a/b c",
    "http://a/%",
    "http://a/%2",
    "http://a/%zz",
    "http://a/%+1",
    "http://a/b#c#d",
    "http://a/[b]",
    "http://a?[",
    "http://a@b@c",
    "http://a:80a",
    "http://a:8:0",
    "http://a:-1",
    "http://[::1",
    "http://[::1]8",
    "http://[::1%25eth0]",
    "http://[1:2]",
    "http://[::1::]",
    "http://[::01.2.3.4]",
    "http://[vz.a]",
    "http://[v7.]",
    "http://[]",
    "http://a]",
    "http://a\\b",
    "http://a/{b}",
    "http://a/<b>",
    "http://a/\u00e9",
    "http://\u7897.example",
    "http://a/\t",
    "http://a/\n",
    "http://a/\x00",
    "http://a/\x7f",
    "http://a/\ud800",
    "\u00e9:b",
]


@pytest.mark.parametrize("text", URIS)
def test_uris_of_the_standard_are_taken(text: str) -> None:
    check_uri(text)


@pytest.mark.parametrize("text", NOT_URIS)
def test_what_is_no_uri_is_refused_with_what_it_should_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(a|an) "):
        check_uri(text)


@pytest.mark.parametrize("text", ["example.com", "example.com:8443", "user@host", "[::1]:80", "127.0.0.1", "a%41", ""])
def test_authorities_are_taken(text: str) -> None:
    check_authority(text)


@pytest.mark.parametrize("text", ["a/b", "a?b", "a#b", "a b", "a@b@c", "[::1", "a:b", "a%4", "a\n", "[::1]a", "\u0430"])
def test_what_is_no_authority_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(a|an) "):
        check_authority(text)


def test_a_scheme_starts_with_a_letter() -> None:
    check_scheme("coap+tcp-1.0")
    for text in ("", "1a", "+a", "a_b", "a:", "\u00e9"):
        with pytest.raises(ValueError, match="a scheme"):
            check_scheme(text)
