"""Django's PostgreSQL, which asks the server less often whether it is there."""
