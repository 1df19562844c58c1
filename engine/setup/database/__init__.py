"""Databases of a server: SQL instances, and installing on one that exists."""
