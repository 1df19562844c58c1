"""The edge of the tenant: sockets, TLS and HTTP. Nothing is decided here."""
