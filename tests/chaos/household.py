"""Several members whose rows lie in the same tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..oracle.records import Difference

if TYPE_CHECKING:
    from psycopg import Connection

    from ..oracle.records import TrueRecord
    from .vendors import Oracle


class Household:
    """The oracle of several members; it answers like that of one."""

    def __init__(self, *oracles: Oracle) -> None:
        self.oracles = oracles

    def __getattr__(self, name: str) -> Any:
        return getattr(self.oracles[0], name)

    def truth(self, stream: str) -> list[TrueRecord]:
        """Everybody's records."""
        return [record for oracle in self.oracles for record in oracle.truth(stream)]

    def compare(self, connection: Connection[Any], stream: str) -> Difference:
        """What is lost or wrong of anybody's; surplus is what nobody knows."""
        found = [oracle.compare(connection, stream) for oracle in self.oracles]
        return Difference(
            lost=set().union(*(each.lost for each in found)),
            surplus=found[0].surplus.intersection(*(each.surplus for each in found)),
            wrong=[text for each in found for text in each.wrong],
        )


def people(oracle: Oracle) -> tuple[Oracle, ...]:
    """The oracles of those whom an oracle knows, one for each."""
    return oracle.oracles if isinstance(oracle, Household) else (oracle,)
