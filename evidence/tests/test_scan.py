from __future__ import annotations

import base64
import gzip
import secrets
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from evidence.scan import CLIENT_SECRET, find_in_file, find_kinds, is_recognised
from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = f"sandbox-access-{secrets.token_urlsafe(24)}"


def found(text: str | bytes) -> set[str]:
    data = text.encode() if isinstance(text, str) else text
    return set(find_kinds(b'before {"it": "' + data + b'"} after'))


@pytest.mark.parametrize("kind", ["access", "refresh", "code", "secret", "nonce", "csrf"])
def test_each_kind_is_found_whole_or_cut_off(kind: str) -> None:
    secret = f"sandbox-{kind}-{secrets.token_urlsafe(24)}"
    assert found(secret) == found(secret[:-20]) == found(quote(secret, safe="")) == {kind}


def test_the_standard_client_secret_is_found_and_told_from_others() -> None:
    assert found(CLIENT_SECRET) == {"standard client secret"}
    assert found(CLIENT_SECRET + b"s") == set()


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_wherever_it_begins(encode: type[bytes], before: int) -> None:
    assert found(encode(b"x" * before + TOKEN.encode() + b":rest")) == {"access in base64"}
    assert found(encode(b"x" * before + CLIENT_SECRET)) == {"secret in base64"}


def test_other_encodings_are_found() -> None:
    assert found(TOKEN.encode().hex()) == {"access in hexadecimal"}
    assert found(TOKEN.encode().hex().upper()) == {"access in hexadecimal"}
    assert found("".join(f"%{ord(c):02X}" for c in TOKEN)) == {"access in percent-encoding"}
    assert found(TOKEN.encode("utf-16-le")) == {"access in utf-16"}


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Bearer 0123456789abcdef",
        "authorization: basic Zm9vOmJhcg==",
        "{'Authorization': 'Bearer 0123456789abcdef'}",
        "('authorization', b'Bearer 0123456789abcdef')",
        "Bearer 0123456789abcdef0123",
        "BEARER=0123456789abcdef0123",
    ],
)
def test_a_header_is_found_whoever_issued_the_token(header: str) -> None:
    assert found(header) == {"authorization header"}


@pytest.mark.parametrize(
    "harmless",
    ["sandbox-client", "sandbox-secrets", "a bearer token", "Authorization: Bearer ***", "sandbox"],
)
def test_what_is_no_secret_is_not_found(harmless: str) -> None:
    assert found(harmless) == set()


def test_compressed_files_are_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(TOKEN.encode()))
    assert find_in_file(path) == {"access"}
    path.write_bytes(path.read_bytes()[:-12])
    assert find_in_file(path) == {"unreadable gzip"}


def test_a_value_that_a_database_keeps_in_pieces_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a #1 database"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("create table state (payload text)")
        database.execute("insert into state values (?)", ("x" * 4560 + TOKEN + "x" * 4060,))
    assert TOKEN.encode() not in path.read_bytes()
    assert find_in_file(path) == {"access"}


def test_all_that_a_sandbox_issues_is_recognised() -> None:
    with SandboxServer(years=0) as sandbox:
        sandbox.grant("ana")
        sandbox.grant("ana", client_id="another")
        issued = sandbox.secrets()
    assert len(issued) > 4
    assert all(is_recognised(secret.encode()) for secret in issued)
