"""Exported server configurations: connectors, schemas and rules in their XML, read and written."""
