"""Signing in: which way a name takes, who checks the password, what else is asked for."""
