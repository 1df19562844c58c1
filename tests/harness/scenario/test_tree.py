"""Places of keys and values, the scalars a scenario knows, and YAML that is refused."""

from __future__ import annotations

from typing import Any

import pytest

from harness.scenario.source import Position
from harness.scenario.tree import UnreadableYamlError, compose


def plain(text: str) -> Any:
    tree, complaints = compose(text)
    assert complaints == []
    assert tree is not None
    return tree.plain()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("-7", -7), ("007", "007"), ("1.5", 1.5), ("1e3", 1000.0), ("true", True), ("no", "no"),
        ("on", "on"), ("~", None), ("null", None), ("", None), ("'5'", "5"), ('"true"', "true"), ("08:30", "08:30"),
        ("2026-03-02", "2026-03-02"), ("0x10", "0x10"), ("1_000", "1_000"), ("1.1.524.0", "1.1.524.0"),
    ],
)  # fmt: skip
def test_scalars(text: str, value: Any) -> None:
    assert plain(f"k: {text}") == {"k": value}


def test_places() -> None:
    tree, _ = compose("a: 1\nb:\n  - x\n  - {c: 2}\n")
    assert tree is not None
    assert tree.at(("a",), key=True) == Position(1, 1)
    assert tree.at(("a",)) == Position(1, 4)
    assert tree.at(("b", 1, "c"), key=True) == Position(4, 6)
    assert tree.at(("b", 1, "c")) == Position(4, 9)
    assert tree.at(("b", 9)) == Position(3, 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{before: tenant.users(id, upn, x)}", {"before": "tenant.users(id, upn, x)"}),
        ("{a: t.users(id, x), b: t.groups(id)}", {"a": "t.users(id, x)", "b": "t.groups(id)"}),
        ("{t.users(id, x): {count: 1}, t.groups: 2}", {"t.users(id, x)": {"count": 1}, "t.groups": 2}),
        ("[t.users(id, x), y]", ["t.users(id, x)", "y"]),
        ("{a: t.users(d = Sales, id)}", {"a": "t.users(d = Sales, id)"}),
        ("{a: '(', b: 1}", {"a": "(", "b": 1}),
        ("[a, b]", ["a", "b"]),
    ],
)
def test_queries_between_braces_stay_whole(text: str, value: Any) -> None:
    assert plain(text) == value


def test_a_key_given_twice_is_told() -> None:
    _, complaints = compose("a: 1\nb: 2\na: 3\n")
    assert complaints == [(Position(3, 1), "a stands here twice; it was already given on line 1")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2", 1), ("a: b: c", 1), ("a:\n\t- 1", 2), ("a: 'open", 1), ("a: 1\n---\nb: 2", 2), ("a: *nowhere", 1),
        ("a: \x00", 1), ("a: &a [*a]", 1),
    ],
)  # fmt: skip
def test_unreadable(text: str, line: int) -> None:
    with pytest.raises(UnreadableYamlError) as caught:
        compose(text)
    assert caught.value.position.line in (line, line + 1)


def test_deep_nesting_ends_in_a_complaint() -> None:
    with pytest.raises(UnreadableYamlError):
        compose("[" * 200 + "]" * 200)


def test_alias_bombs_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableYamlError):
        compose("\n".join(lines))
