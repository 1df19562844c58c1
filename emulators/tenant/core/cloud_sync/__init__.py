"""Cloud Sync in the tenant: configurations, jobs, secrets, on-demand requests, what agents ask."""
