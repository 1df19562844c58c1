r"""Distinguished names as text. Source: facts "functions", category Directory; RFC 4514.

A component keeps its escapes: a conflict object gives Name\0ACNF:..., which the shipped filter searches for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from engine.rules.expression.errors import ArgumentError
from engine.rules.expression.registry import Number, Reference, Text, function, optional

TYPE = r"\s*(?:[A-Za-z][A-Za-z0-9-]*+|[0-9]++(?:\.[0-9]++)*+)\s*="
VALUE = r'(?:[^,+"\\]++|\\.|"(?:[^"\\]++|\\.)*+")*+'
RDN = rf"{TYPE}{VALUE}(?:\+{TYPE}{VALUE})*+"
RELATIVE_NAME = re.compile(RDN, re.DOTALL)
DISTINGUISHED_NAME = re.compile(rf"{RDN}(?:,{RDN})*+", re.DOTALL)
TYPED = re.compile(r"(\s*(?:[A-Za-z][A-Za-z0-9-]*+|[0-9]++(?:\.[0-9]++)*+)\s*=)(.*)", re.DOTALL)
SPECIAL = re.compile(r'[,+"\\<>;]')
CONTROL = re.compile(r"[\x00-\x1f]")


@lru_cache(maxsize=64)
def relative_names(text: str) -> tuple[str, ...]:
    """The RDNs of a distinguished name, left to right; refuses text that is none."""
    if DISTINGUISHED_NAME.fullmatch(text) is None:
        raise ArgumentError("the text is no distinguished name")
    return tuple(RELATIVE_NAME.findall(text))


@function("DNComponent", Reference, Number, returns=Text)
def dn_component(name: str, number: int) -> str:
    """The value of the n-th component from the left. Source: function reference, DNComponent."""
    return component(relative_names(name), number)


@function("DNComponentRev", Reference, Number, optional(Text), returns=Text)
def dn_component_rev(name: str, number: int, skipped: str = "") -> str:
    """The same from the right; option "DC" skips the domain. Source: function reference, DNComponentRev."""
    if skipped not in ("", "DC"):
        raise ArgumentError('the only option is "DC"')
    names = relative_names(name)[::-1]
    while skipped and names and kind_of(names[0]) == "dc":
        names = names[1:]
    return component(names, number)


def component(names: Sequence[str], number: int) -> str:
    """One value by its number from 1."""
    if not 1 <= number <= len(names):
        raise ArgumentError(f"there is no component {number}: the name has {len(names)}")
    value = names[number - 1].partition("=")[2].lstrip()
    bare = value.rstrip(" ")
    return value if bare.endswith("\\") else bare


def kind_of(name: str) -> str:
    """The attribute type of an RDN in lower case."""
    return name.partition("=")[0].strip().lower()


@function("EscapeDNComponent", Text, returns=Text)
def escape_dn_component(text: str) -> str:
    """One component made legal for a distinguished name; its type= stays. Source: function reference; RFC 4514 2.4."""
    typed = TYPED.fullmatch(text)
    return typed.group(1) + escaped(typed.group(2)) if typed else escaped(text)


def escaped(value: str) -> str:
    """RFC 4514 escaping of a value; control characters as hexadecimal pairs, as AD writes them."""
    shown = SPECIAL.sub(lambda found: "\\" + found.group(), value)
    if value.endswith(" "):
        shown = shown[:-1] + "\\ "
    if value.startswith((" ", "#")) and value != " ":
        shown = "\\" + shown
    return CONTROL.sub(lambda found: f"\\{ord(found.group()):02X}", shown)
