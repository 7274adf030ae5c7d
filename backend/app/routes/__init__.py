"""HTTP: each route is one call of a service."""
