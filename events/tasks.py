"""The sweeps of events, and of what lies below them."""

from events.desk import retention
from events.entrance import sessions
from findme import leftovers, sweeps

sweeps.register(retention.sweep, sessions.sweep, leftovers.sweep)
