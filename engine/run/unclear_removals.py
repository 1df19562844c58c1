"""A delta that takes a reference away under a name nobody knows yet: the whole attribute is read instead.

An object that moved to another domain is named by its new DN at once, and imported with that domain's step only; a
removal under that DN would find nothing to take away. Source: facts "engine" 9.9 (moves between domains).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from engine.connectors.connector import ImportedObject, ValueChanges

ReadObject = Callable[[bytes | str], ImportedObject | None]
KnownOf = Callable[[Collection[str]], Collection[str]]


def read_unclear(
    incoming: Sequence[ImportedObject], references: Collection[str], known_of: KnownOf, read_object: ReadObject
) -> None:
    """Put whole values in the place of changes that remove what is not known. known_of: which DNs are."""
    removals = [
        (each, name, [str(value) for value in changes.removed])
        for each in incoming
        for name, changes in each.attributes.items()
        if isinstance(changes, ValueChanges) and changes.removed and name in references
    ]
    if not removals:
        return
    known = set(known_of({dn for _, _, dns in removals for dn in dns}))
    for each, name, dns in removals:
        whole = None if known.issuperset(dns) else read_object(each.anchor)
        if whole is not None:
            each.attributes[name] = whole.attributes.get(name)
