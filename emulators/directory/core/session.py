"""One connection's standing: which controller it reached, how well protected it is, and who is bound.

Source: MS-ADTS 5.1; facts "directory" section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.directory.core.access import ANONYMOUS, Token

if TYPE_CHECKING:
    from emulators.directory.core.entry import Entry
    from emulators.directory.core.forest import Controller, Domain, Forest
    from emulators.directory.core.paging import ResultSets
    from emulators.directory.core.partition import Partition


@dataclass(slots=True)
class Session:
    """A client's connection as the core sees it. The front keeps ``protected`` up to date (TLS or a sealed bind)."""

    controller: Controller
    global_catalog: bool = False
    protected: bool = False
    token: Token = ANONYMOUS
    account: Entry | None = None  # who is bound; None for anonymous
    result_sets: ResultSets | None = None

    @property
    def bound(self) -> bool:
        return self.account is not None

    @property
    def domain(self) -> Domain:
        return self.controller.domain

    @property
    def partitions(self) -> list[Partition]:
        """The naming contexts that answer here: the controller's own, every one of the forest on the global catalog."""
        return self.controller.catalog if self.global_catalog else self.controller.partitions

    def holds(self, partition: Partition) -> bool:
        return self.global_catalog or partition not in self.controller.others

    def account_name(self) -> str:
        """``CORP\\user``, the form whoAmI and msDS-PrincipalName use; empty for anonymous."""
        if self.account is None:
            return ""
        domain = self.controller.home_of(self.account).controller.domain
        return f"{domain.netbios}\\{self.account.text('samaccountname')}"

    def forget(self) -> None:
        """Back to anonymous: a failed bind, an anonymous bind."""
        self.token = ANONYMOUS
        self.account = None


def open_session(
    forest: Forest, controller: Controller | None = None, *, global_catalog: bool = False, protected: bool = False
) -> Session:
    """A new, anonymous session on a controller (the forest's first unless given)."""
    return Session(controller or forest.controllers[0], global_catalog, protected)
