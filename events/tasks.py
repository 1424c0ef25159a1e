"""The sweeps of events."""

from events.desk import retention
from findme import sweeps

sweeps.register(retention.sweep)
