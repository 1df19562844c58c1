"""Moments as Graph writes them: RFC 3339 in UTC, whole seconds, with a Z. Texts of this form also sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def graph_time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def earlier(moment: datetime, *, days: int) -> str:
    return graph_time(moment - timedelta(days=days))
