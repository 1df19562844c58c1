"""DirSync, the predecessor: its machine, its settings, the upgrade."""
