"""Encryption of stored grants: what counts as a key, and who can read what."""

from __future__ import annotations

import pytest

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE, GrantCodec, is_encrypted
from health_tap_core.oauth.grant import Grant

GRANT = Grant(refresh_token="r-1")
OLD, NEW = f"{'A' * 42}8=", f"{'b-_9' * 10}zZ8="


def test_the_first_key_writes_and_every_key_reads() -> None:
    written = GrantCodec(OLD).encode(GRANT)
    both = GrantCodec(f"{NEW},{OLD}")
    assert both.decode(written, "x") == GRANT
    assert GrantCodec(NEW).decode(both.encode(GRANT), "x") == GRANT
    with pytest.raises(TokenStoreError, match=f"another key than {KEY_VARIABLE} has; it was left"):
        GrantCodec(NEW).decode(written, "x")


@pytest.mark.parametrize("keys", [f" {OLD}\n", f"{OLD},", f",\t{OLD} , {NEW}\n", f"{OLD}\r\n"])
def test_blanks_and_line_ends_around_keys_do_not_matter(keys: str) -> None:
    written = GrantCodec(keys).encode(GRANT)
    assert GrantCodec(OLD).decode(written, "x") == GRANT


@pytest.mark.parametrize(
    "keys", ["password", f"{OLD}x", OLD[:-2], f"{OLD},wrong", "ü" * 32, f"{OLD}\n{NEW}"]
)
def test_what_is_no_key_is_refused_and_not_shown(keys: str) -> None:
    with pytest.raises(TokenStoreError, match="is not a Fernet key") as caught:
        GrantCodec.from_environment({KEY_VARIABLE: keys})
    assert keys not in str(caught.value)
    assert OLD not in str(caught.value)


@pytest.mark.parametrize("keys", ["", " ", ",", "\n"])
def test_a_blank_variable_is_no_key(keys: str) -> None:
    assert not GrantCodec.from_environment({KEY_VARIABLE: keys}).encrypts


def test_without_the_key_the_message_names_the_variable() -> None:
    written = GrantCodec(OLD).encode(GRANT)
    with pytest.raises(TokenStoreError, match=f"and the environment has no {KEY_VARIABLE}"):
        GrantCodec().decode(written, "x")


@pytest.mark.parametrize("document", [b"", b"{", b"\0" * 99, b"[]", b"\xff\xfe", b'{"a":1}'])
def test_what_is_neither_is_corrupt_with_and_without_a_key(document: bytes) -> None:
    assert not is_encrypted(document)
    for codec in (GrantCodec(), GrantCodec(OLD)):
        with pytest.raises(TokenStoreError, match="The stored grant x is corrupt; it was left"):
            codec.decode(document, "x")


def test_a_truncated_grant_is_no_grant() -> None:
    for codec in (GrantCodec(), GrantCodec(OLD)):
        written = codec.encode(GRANT)
        for end in range(len(written)):
            with pytest.raises(TokenStoreError, match="corrupt"):
                codec.decode(written[:end], "x")


def test_fields_of_a_later_version_are_no_hindrance() -> None:
    assert GrantCodec().decode(b'{"refresh_token":"r-1","colour":"red"}', "x") == GRANT
