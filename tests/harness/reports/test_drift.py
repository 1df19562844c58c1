"""The drift report as text and as a page: what is told, what is grouped, and that a name cannot break the page."""

from __future__ import annotations

from harness.reports.drift import DriftReport, as_html, as_text

FINDING = {
    "class": "flow differs",
    "about": "Rule",
    "connector": "contoso.com",
    "before": "",
    "after": "x",
    "hard": False,
}
HARD = {"class": "anchor differs", "about": "Anchor", "connector": "", "before": "a", "after": "b", "hard": True}


def effect(name: str, cause: str, attribute: str = "title", after: object = "New") -> dict:
    return {
        "connector": "tenant", "dn": f"CN={name}", "object": name, "operation": "update", "attribute": attribute,
        "before": None, "after": after, "rules": ["Out", "In"], "cause": cause,
    }  # fmt: skip


def test_nothing_differs() -> None:
    report = DriftReport("SYNC1", "SYNC2", [], [])
    assert as_text(report).splitlines()[0] == "SYNC1 -> SYNC2: 0 differences"
    assert "configured alike" in as_html(report)
    assert not report.hard


def test_without_a_database_nothing_is_said_of_effects() -> None:
    assert "export" not in as_text(DriftReport("a", "b", [FINDING]))
    assert "export" not in as_html(DriftReport("a", "b", [FINDING]))


def test_effects_stand_with_their_cause_and_the_unexplained_come_last() -> None:
    effects = [effect("Ben", ""), effect("Ana", "cause 1"), effect("Ana", "cause 1", "mail", ["x", "y"])]
    lines = as_text(DriftReport("a", "b", [FINDING, HARD], effects)).splitlines()
    assert lines[:3] == [
        "a -> b: 2 differences",
        "  - flow differs: Rule of contoso.com: (none) -> x",
        "  ! anchor differs: Anchor: a -> b",
    ]
    assert lines[4:] == [
        "What b would export now: 3 changes",
        "  cause 1: 1 object",
        "    Ana: title (nothing) -> New by Out, In",
        "    Ana: mail (nothing) -> x, y by Out, In",
        "  no difference of the configurations explains: 1 object",
        "    Ben: title (nothing) -> New by Out, In",
    ]


def test_a_page_is_escaped() -> None:
    nasty = "<script>alert(1)</script>"
    page = as_html(DriftReport(nasty, "b", [{**FINDING, "after": nasty}], [effect(nasty, nasty, after=nasty)], nasty))
    assert nasty not in page
    assert page.count("&lt;script&gt;") >= 6
    assert DriftReport("a", "b", [HARD]).hard
