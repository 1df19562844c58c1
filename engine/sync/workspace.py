"""What synchronization needs of the two namespaces: look-ups, new objects, and a way back when an object fails.

The pure middle sees only this protocol; the store keeps it on SQLite. Objects are changed by giving an attribute a new
value after ``touch``; no dictionary inside an object is ever changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.model.cs_object import CSObject
from engine.model.mv_object import MVObject
from engine.model.values import Scalar


class Workspace(Protocol):
    def cs(self, number: int) -> CSObject | None:
        """The connector-space object of that number."""

    def mv(self, number: int) -> MVObject:
        """The metaverse object of that number."""

    def linked(self, mv: int) -> Sequence[CSObject]:
        """The connector-space objects linked to a metaverse object, by connector and number."""

    def find_mv(self, object_type: str | None, attribute: str, value: Scalar, case_sensitive: bool) -> Sequence[int]:
        """Metaverse objects of a type (None: any) one of whose values of the attribute equals the value."""

    def find_cs(
        self, connector: int, object_type: str, attribute: str, value: Scalar, case_sensitive: bool
    ) -> Sequence[CSObject]:
        """Connector-space objects for an outbound rule's join, the other way round."""

    def find_cs_by_dn(self, connector: int, dn: str) -> CSObject | None:
        """The object that holds this DN in a connector space."""

    def create_mv(self, object_type: str) -> MVObject:
        """A new, empty metaverse object."""

    def create_cs(self, connector: int, object_type: str, dn: str) -> CSObject:
        """A new connector-space object for export: no anchor yet."""

    def rename(self, cs: CSObject, dn: str) -> None:
        """Give an object that waits for its first export another DN."""

    def link(self, cs: CSObject, mv: int) -> None:
        """Link or, with 0, unlink: keeps the look-up from metaverse to connector space in step."""

    def remove_cs(self, cs: CSObject) -> None:
        """Take an object out of its connector space; one that others refer to stays as a placeholder."""

    def remove_mv(self, mv: MVObject) -> None:
        """Delete a metaverse object."""

    def touch(self, item: CSObject | MVObject) -> None:
        """Say that the object is about to change, so that it is saved, and restored if its source object fails."""

    def rebase(self, cs: CSObject) -> None:
        """Sync has seen what the directory last said: nothing is pending any more."""

    def counterparts(self, connector: int, numbers: Sequence[int]) -> Mapping[int, int]:
        """For source-side object numbers: the number of the object of that connector linked to the same metaverse
        object."""

    def begin(self) -> None:
        """Start the changes of one source object."""

    def keep(self) -> None:
        """The object succeeded: its changes stay."""

    def undo(self) -> None:
        """The object failed: everything since begin is as before."""
