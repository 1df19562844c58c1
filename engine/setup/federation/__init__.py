"""Federation as the wizard sets it up: pages' answers, claims, what Configure writes, later tasks."""
