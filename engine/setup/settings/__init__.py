"""Synchronization settings as files: written by the wizard, exported, imported on another server."""
