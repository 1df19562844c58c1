"""Promises about all expressions: any text is read or refused, any evaluation has an outcome or is refused."""

import random
import re
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules.expression import Context, ExpressionError, compile_expression
from engine.rules.expression.functions import FUNCTIONS
from engine.rules.expression.registry import Shape

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)

# Any text at all: an expression or an ExpressionError, nothing else.

PIECES = ["Trim(", "IIF(", ")", ",", "[a]", '"x"', "&", "&&", "||", "=", "<>", "-", "5", "&HF", "%P%", "$i", "NULL",
          "Select($i,", "“", "[", '"', "%", "(", " ", "\n", "IgnoreThisFlow", "1.5", "\\", "Now()"]  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
def test_any_text_is_an_expression_or_an_expression_error(text):
    problem = None
    try:
        compile_expression(text)
    except ExpressionError as refused:
        problem = refused
    if problem:
        assert 1 <= problem.line <= len(text.splitlines()) + 1
        assert problem.column <= len(text) + 1
        assert problem.explain().endswith("^")


# Any well-formed expression on any object: a value, NULL, a sentinel or an ExpressionError, nothing else.

SCALAR = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["CN=a,DC=b", "2001-01-01", "&HFF", "true", "{00112233-4455-6677-8899-aabbccddeeff}", "YQ==", "a:b"]
    ),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-3, 9),
    st.booleans(),
    st.binary(max_size=12),
)
VALUE = st.one_of(SCALAR, st.lists(SCALAR, min_size=1, max_size=4))
ATTRIBUTES = st.dictionaries(st.sampled_from("abcdm"), VALUE, max_size=4)
WORDS = """[a] [b] [c] [d] %P% %Q% NULL True False IgnoreThisFlow AuthoritativeNull vbTextCompare CaseInsensitive UTF8
CRLF Now() Guid() ImportedValue("a") ValueCount("b") "DC" "m" "yyyy-MM-dd" "SimpleName" """
LEAF = st.one_of(
    st.sampled_from(WORDS.split()),
    st.text(max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"'),
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.integers(-3, 9).map(str),
)


WRITTEN = r"""CN=a,OU=b,DC=c|2001-01-31 4:00 PM -8|&HFF|99999999999999999999|d|h|yyyy|ww|a:b|YQBiAA==|SimpleName|41C3A4
{00112233-4455-6677-8899-aabbccddeeff}|\r|''q|%|ffffffff|İß|#a | |"""
TEXTS = st.sampled_from(re.split(r"[|\n]", WRITTEN))
FITTING: dict[type, st.SearchStrategy[str]] = {
    str: st.one_of(TEXTS, st.text(max_size=5)).map(lambda text: '"' + text.replace('"', '""') + '"'),
    int: st.one_of(st.integers(-2, 9), st.sampled_from([2**63 - 1, -(2**63), 129699324000000000])).map(str),
    bool: st.sampled_from(["True", "False", '"a"="a"']),
    bytes: st.sampled_from(["CBin(258,2)", "Thumbprint(CBin(1,1))", 'CGuid("00112233-4455-6677-8899-aabbccddeeff")']),
    datetime: st.sampled_from(["Now()", "DateFromNum(0)", 'CDate("9999-12-31")', 'CDate("0001-01-01")']),
    list: st.sampled_from(['Split("a,B,a",",")', "[m]", "Select($j,[m],CNum($j))", "Select($j,[m],CDate($j))"]),
}


def grown(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Bigger expressions; an argument mostly has the right type, so that bodies are reached."""

    def fitting(parameter):
        if parameter.shape is Shape.MANY:
            right = FITTING[list]
        else:
            right = st.one_of([FITTING[kind] for kind in parameter.classes if kind in FITTING] or [part])
        return st.one_of(right, right, right, part)

    def call(each):
        arguments = [fitting(parameter) for parameter in each.parameters]
        counts = st.integers(each.fewest, len(arguments))
        return st.tuples(counts, *arguments).map(lambda drawn: f"{each.name}({','.join(drawn[1 : drawn[0] + 1])})")

    plain = [each for each in FUNCTIONS if not each.binds and not each.names_attribute]
    calls = st.sampled_from(plain).flatmap(call)
    signs = st.sampled_from(["+", "-", "*", "/", "&", "=", "<>", "<", "<=", ">", ">=", "&&", "||"])
    chains = st.tuples(part, signs, part, signs, part).map(lambda each: f"({' '.join(each)})")
    bound = st.tuples(st.sampled_from(["Select", "Where", "With"]), part, part, st.sampled_from(["&", "=", "+"])).map(
        lambda each: f"{each[0]}($i,{each[1]},{each[2]} {each[3]} $i)"
    )
    return st.one_of(calls, chains, bound, part.map(lambda inner: f"-({inner})"))


@settings(max_examples=600, deadline=None, derandomize=True, database=None)
@given(st.recursive(LEAF, grown, max_leaves=10), ATTRIBUTES, st.sets(st.sampled_from("abcd")), st.booleans())
def test_any_expression_on_any_object_ends_well(text, attributes, listed, named):
    expression = compile_expression(text, reference_attributes=frozenset(listed), multivalued=frozenset(listed))
    surroundings = Context(attributes, attributes, {"P": "x"}, NOW, random.Random(1))
    if named:
        surroundings.distinguished_name = lambda number: f"CN={number},DC=x" if number % 2 else None
    try:
        value = expression.evaluate(surroundings)
    except ExpressionError:
        return
    for item in value if isinstance(value, list) else [value]:
        assert not isinstance(item, (datetime, list))
        assert item not in ("", b"")
    assert value != []
