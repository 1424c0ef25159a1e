"""What the room of events has done each minute."""

from events.desk import retention
from findme import sweeps

sweeps.register(retention.sweep)
