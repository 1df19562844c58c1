"""A refused sign-in as the token endpoint words it. Source: facts "tenant" 15, "graph_clients" 2.1."""

from __future__ import annotations


class SignInError(Exception):
    """HTTP status, OAuth error, AADSTS number and its text; ``suberror`` where the service tells cases apart by it."""

    def __init__(self, status: int, error: str, number: int, text: str, suberror: str = "") -> None:
        super().__init__(f"AADSTS{number}")
        self.status = status
        self.error = error
        self.number = number
        self.text = text
        self.suberror = suberror
