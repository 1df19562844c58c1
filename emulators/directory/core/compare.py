"""Compare: whether an object has a value, by the attribute's own equality.

Source: RFC 4511 4.10; MS-ADTS 3.1.1.3.1.6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.directory.core import access, filters, refusals
from emulators.directory.core.locate import locate
from emulators.directory.core.requests import Equality
from emulators.directory.core.results import Result, ResultCode

if TYPE_CHECKING:
    from emulators.directory.core.forest import Forest
    from emulators.directory.core.requests import Compare
    from emulators.directory.core.session import Session


def compare(forest: Forest, session: Session, request: Compare) -> Result:
    refusals.demand_bind(session)
    _partition, entry = locate(session, request.dn, request.controls)
    attribute = forest.schema.attribute(request.attribute)
    if attribute is None or attribute.lower in access.SECRET:
        raise refusals.unknown_attribute()
    if attribute.lower not in entry.attributes or not access.readable(session.token, entry).property(attribute):
        raise refusals.value_absent(attribute)
    test = filters.compile_filter(forest, session.controller, Equality(request.attribute, request.value))
    same = test if isinstance(test, bool) else test(entry.attributes)
    return Result(ResultCode.COMPARE_TRUE if same else ResultCode.COMPARE_FALSE)
