"""Several members whose rows lie in the same tables."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..oracle.records import Difference
from .invariants import state_is_not_ahead

if TYPE_CHECKING:
    from psycopg import Connection

    from ..oracle.records import TrueRecord
    from .cell import Cell
    from .sync import State
    from .vendors import Oracle


class Household:
    """The oracle of several members; it answers like that of one."""

    def __init__(self, *oracles: Oracle) -> None:
        self._oracles = oracles

    def __getattr__(self, name: str) -> Any:
        return getattr(self._oracles[0], name)

    def truth(self, stream: str) -> list[TrueRecord]:
        """Everybody's records."""
        return [record for oracle in self._oracles for record in oracle.truth(stream)]

    def compare(self, connection: Connection[Any], stream: str) -> Difference:
        """What is lost or wrong of anybody's; surplus is what nobody knows."""
        found = [oracle.compare(connection, stream) for oracle in self._oracles]
        return Difference(
            lost=set().union(*(each.lost for each in found)),
            surplus=found[0].surplus.intersection(*(each.surplus for each in found)),
            wrong=[text for each in found for text in each.wrong],
        )


def move_in(cell: Cell, members: dict[str, str]) -> None:
    """Let a cell be about several accounts, by the members behind them."""
    own: Any = cell.oracle
    oracles = {account: replace(own, member=member) for account, member in members.items()}
    cell.oracle = cast("Oracle", Household(*oracles.values()))

    def check_state(_: Cell, state: State) -> None:
        for account, oracle in oracles.items():
            state_is_not_ahead(replace(cell, oracle=oracle), _of(account, state))

    cell.check_state = check_state


def _of(account: str, state: State) -> State:
    """What a state says of one account."""
    return {
        "bookmarks": {
            stream: {
                "partitions": [
                    partition
                    for partition in bookmark.get("partitions", [])
                    if partition["context"] == {"account": account}
                ]
            }
            for stream, bookmark in state.get("bookmarks", {}).items()
        }
    }
