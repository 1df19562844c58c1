"""Request controls from octets to the core's record, response controls back; what is not emulated is refused here.

Unknown controls are ignored unless critical. Source: MS-ADTS 3.1.1.3.4.1; facts "directory" sections 2 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulators.directory.core.requests import Controls, DirSyncControl, SortKey
from emulators.directory.core.results import DirectoryError, Result, ResultCode
from emulators.directory.front import ber
from emulators.directory.front.ber import Malformed, children, expect, read_boolean, read_integer
from emulators.directory.front.search_request import Unacceptable, text

PAGED = "1.2.840.113556.1.4.319"
SORT_RESPONSE = "1.2.840.113556.1.4.474"
DIRSYNC = "1.2.840.113556.1.4.841"

NO_CONTROLS = Controls()

#: texts of the two ways a control is refused
UNKNOWN_CRITICAL = "00000057: LdapErr: DSID-0C090E40, comment: Error processing control, data 0, v4f7c"
BAD_VALUE = "0000203D: LdapErr: DSID-0C090E3D, comment: Error processing control, data 0, v4f7c"

#: Controls of a domain controller that change nothing an emulated answer shows: accepted, critical or not.
WITHOUT_EFFECT = frozenset(
    {
        "1.2.840.113556.1.4.619",  # lazy commit
        "1.2.840.113556.1.4.802",  # range option, advertised only
        "1.2.840.113556.1.4.1338",  # verify name: one controller holds every name
        "1.2.840.113556.1.4.1907",  # shutdown notify: the emulator never announces one
        "1.2.840.113556.1.4.2205",  # update statistics
        "1.2.840.113556.1.4.2206",  # search hints
        "1.2.840.113556.1.4.2211",  # expected entry count
        "1.2.840.113556.1.4.2256",  # bypass quota: no quota is kept
    }
)

#: Controls that would change the answer and are not emulated: refused whenever they are sent.
NOT_EMULATED = {
    "1.2.840.113556.1.4.528": "change notification",
    "2.16.840.1.113730.3.4.9": "virtual list view",
    "1.2.840.113556.1.4.970": "search statistics",
    "1.2.840.113556.1.4.1852": "quota query",
    "1.2.840.113556.1.4.1974": "forced update",
    "1.2.840.113556.1.4.2026": "binary DN input",
    "1.2.840.113556.1.4.2090": "extended DirSync",
    "1.2.840.113556.1.4.2204": "extended tree delete",
    "1.2.840.113556.1.4.2255": "set owner",
    "1.2.840.113556.1.4.2309": "link time to live",
}


def not_emulated(what: str) -> DirectoryError:
    """The loud refusal of something that a domain controller has and the emulator has not."""
    text_ = f"00002035: LdapErr: DSID-0C090E80, comment: {what} is not emulated, data 0, v4f7c"
    return DirectoryError(ResultCode.UNWILLING_TO_PERFORM, text_)


# ---- values of request controls --------------------------------------------------------------------------------------
def _one_integer(value: bytes) -> int:
    start, stop = expect(value, 0, len(value), 0x30)
    first, last = expect(value, start, stop, 0x02)
    if last != stop or stop != len(value):
        raise Malformed("octets after the number")
    return read_integer(value, first, last)


def _read_paged(value: bytes, _critical: bool) -> dict[str, Any]:
    start, stop = expect(value, 0, len(value), 0x30)
    first, last = expect(value, start, stop, 0x02)
    size = read_integer(value, first, last)
    cookie, end = expect(value, last, stop, 0x04)
    if size < 0 or size > 0x7FFFFFFF or end != stop or stop != len(value):
        raise Malformed("a page size out of range or octets after the cookie")
    return {"page_size": size, "page_cookie": value[cookie:end]}


def _read_dirsync(value: bytes, critical: bool) -> dict[str, Any]:
    if not critical:
        raise Malformed("DirSync that is not critical")
    start, stop = expect(value, 0, len(value), 0x30)
    (tag, a, b), (tag2, c, d), (tag3, e, f) = _three(value, start, stop)
    if (tag, tag2, tag3) != (0x02, 0x02, 0x04) or stop != len(value):
        raise Malformed("the fields of a DirSync control")
    flags = read_integer(value, a, b) & 0xFFFFFFFF
    return {"dirsync": DirSyncControl(flags, read_integer(value, c, d), value[e:f])}


def _three(value: bytes, start: int, stop: int) -> list[tuple[int, int, int]]:
    found = children(value, start, stop)
    if len(found) != 3:
        raise Malformed("not three fields")
    return found


def _read_sort(value: bytes, critical: bool) -> dict[str, Any]:
    start, stop = expect(value, 0, len(value), 0x30)
    keys = []
    for tag, first, last in children(value, start, stop):
        if tag != 0x30:
            raise Malformed("a sort key that is no sequence")
        name, pos = expect(value, first, last, 0x04)
        rule: str | None = None
        reverse = False
        for option, begin, end in children(value, pos, last):
            if option == 0x80:
                rule = text(value, begin, end)
            elif option == 0x81:
                reverse = read_boolean(value, begin, end)
            else:
                raise Malformed("an unknown field of a sort key")
        keys.append(SortKey(text(value, name, pos), rule, reverse))
    if not keys or stop != len(value):
        raise Malformed("no sort key, or octets after the keys")
    return {"sort": tuple(keys), "sort_critical": critical}


def _read_extended_dn(value: bytes, _critical: bool) -> dict[str, Any]:
    form = _one_integer(value) if value else 0
    if form not in (0, 1):
        raise Malformed("an unknown form of extended DN")
    return {"extended_dn": form}


def _read_sd_flags(value: bytes, _critical: bool) -> dict[str, Any]:
    return {"sd_flags": _one_integer(value) & 0xF}


def _read_search_options(value: bytes, _critical: bool) -> dict[str, Any]:
    return {"search_options": _one_integer(value)}


def _read_attribute_scoped(value: bytes, _critical: bool) -> dict[str, Any]:
    start, stop = expect(value, 0, len(value), 0x30)
    name, end = expect(value, start, stop, 0x04)
    if end != stop or stop != len(value) or name == end:
        raise Malformed("the attribute of an attribute scoped query")
    return {"attribute_scoped": text(value, name, end)}


def _read_cross_domain(value: bytes, _critical: bool) -> dict[str, Any]:
    return {"cross_domain_target": text(value, 0, len(value))}


def _read_policy_hints(value: bytes, _critical: bool) -> dict[str, Any]:
    return {"policy_hints": bool(_one_integer(value) & 1)}


def _flag(name: str) -> Callable[[bytes, bool], dict[str, Any]]:
    return lambda _value, _critical: {name: True}


READERS: dict[str, Callable[[bytes, bool], dict[str, Any]]] = {
    PAGED: _read_paged,
    "1.2.840.113556.1.4.417": _flag("show_deleted"),
    "1.2.840.113556.1.4.2064": _flag("show_recycled"),
    "1.2.840.113556.1.4.2065": _flag("show_deactivated_link"),
    "1.2.840.113556.1.4.473": _read_sort,
    "1.2.840.113556.1.4.521": _read_cross_domain,
    "1.2.840.113556.1.4.529": _read_extended_dn,
    "1.2.840.113556.1.4.801": _read_sd_flags,
    "1.2.840.113556.1.4.805": _flag("tree_delete"),
    DIRSYNC: _read_dirsync,
    "1.2.840.113556.1.4.1339": _flag("domain_scope"),
    "1.2.840.113556.1.4.1340": _read_search_options,
    "1.2.840.113556.1.4.1413": _flag("permissive_modify"),
    "1.2.840.113556.1.4.1504": _read_attribute_scoped,
    "1.2.840.113556.1.4.1948": _flag("range_without_error"),
    "1.2.840.113556.1.4.2066": _read_policy_hints,
    "1.2.840.113556.1.4.2239": _read_policy_hints,
}


def read_controls(data: bytes, start: int, stop: int) -> Controls:
    """Decode the controls of a message; DirectoryError refuses the request, Malformed the message itself."""
    settings: dict[str, Any] = {}
    for tag, first, last in children(data, start, stop):
        if tag != 0x30:
            raise Malformed("a control that is no sequence")
        fields = children(data, first, last)
        if not 1 <= len(fields) <= 3 or fields[0][0] != 0x04:
            raise Malformed("the fields of a control")
        name = text(data, *fields[0][1:])
        critical = False
        value = b""
        for kind, begin, end in fields[1:]:
            if kind == 0x01:
                critical = read_boolean(data, begin, end)
            elif kind == 0x04:
                value = data[begin:end]
            else:
                raise Malformed("an unknown field of a control")
        settings.update(_read_control(name, critical, value))
    return Controls(**settings) if settings else NO_CONTROLS


def _read_control(name: str, critical: bool, value: bytes) -> dict[str, Any]:
    reader = READERS.get(name)
    if reader is not None:
        try:
            return reader(value, critical)
        except (Malformed, Unacceptable) as exc:
            raise DirectoryError(ResultCode.PROTOCOL_ERROR, BAD_VALUE) from exc
    if name in NOT_EMULATED:
        raise not_emulated(NOT_EMULATED[name])
    if critical and name not in WITHOUT_EFFECT:
        raise DirectoryError(ResultCode.UNAVAILABLE_CRITICAL_EXTENSION, UNKNOWN_CRITICAL)
    return {}


# ---- response controls -----------------------------------------------------------------------------------------------
def _control(name: str, value: bytes) -> bytes:
    return ber.sequence(ber.octets(name.encode()), ber.octets(value))


def response_controls(result: Result) -> bytes:
    """Encode the controls that accompany a final answer, or nothing."""
    parts = []
    if result.page_cookie is not None:
        parts.append(_control(PAGED, ber.sequence(ber.integer(0), ber.octets(result.page_cookie))))
    if result.dirsync_more is not None:
        more = ber.integer(1 if result.dirsync_more else 0)
        parts.append(_control(DIRSYNC, ber.sequence(more, ber.integer(0), ber.octets(result.dirsync_cookie))))
    if result.sort_result is not None:
        code = ber.integer(result.sort_result, ber.ENUMERATED)
        parts.append(_control(SORT_RESPONSE, ber.sequence(code)))
    return ber.sequence(*parts, tag=0xA0) if parts else b""
