"""One holder at a time, whichever store: processes, threads, and holders that are killed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import base

if TYPE_CHECKING:
    import subprocess

    from health_tap_core.oauth.stores.base import TokenStore

    from .conftest import Child, Place

GRANT = Grant(refresh_token="r-1", access_token="a-1")


def save(store: TokenStore) -> Grant:
    with store.lock("ana") as held:
        return held.save(GRANT)


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_the_lock_keeps_other_processes_out_until_it_is_released_or_its_holder_killed(
    place: Place, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = place.store()
    save(store)
    holders = [child("hold", place.address, "ana")]
    assert read_line(holders[0]) == "held"
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 0.2)
    with (
        pytest.raises(TokenStoreError, match=r"Another process has been .* the grant .*run again"),
        store.lock("ana"),
    ):
        pytest.fail("two hold the grant")
    with store.lock("ben"):  # another account's is free
        pass
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 20)
    holders[0].kill()
    with store.lock("ana") as held:
        assert held.load()


def test_the_lock_keeps_other_threads_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = place.store()
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 0.2)
    refused: list[str] = []

    def try_it(theirs: TokenStore) -> None:
        try:
            with theirs.lock("ana"):
                refused.append("nothing")
        except TokenStoreError as error:
            refused.append(str(error))

    with store.lock("ana"):
        for theirs in (store, place.store()):
            thread = threading.Thread(target=try_it, args=(theirs,))
            thread.start()
            thread.join()
    assert ["Another process" in message for message in refused] == [True, True]
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 10)
    try_it(store)
    assert refused[2] == "nothing"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_lock_is_released_whatever_ends_it(
    place: Place, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 10)

    def fail() -> None:
        with place.store().lock("ana") as held:
            held.reserve()
            raise error

    with pytest.raises(error):
        fail()
    assert save(place.store()).version == 1


def test_many_processes_and_threads_lose_no_write_not_even_the_first(
    place: Place, child: Child
) -> None:
    processes = [child("count", place.address, "ana", 4) for _ in range(3)]
    assert [read_line(process) for process in processes] == ["ready"] * 3
    store = place.store()

    def save_twice() -> None:
        for _ in range(2):
            with store.lock("ana") as held:
                held.save(held.load() or GRANT)

    threads = [threading.Thread(target=save_twice) for _ in range(3)]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 3
    stored = store.load("ana")
    assert stored
    assert stored.version == 3 * 4 + 3 * 2
