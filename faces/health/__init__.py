"""What must hold of scans, faces, templates and matches, and of what guests agreed to.

First what rows say twice, then scans, models, consents, removals: a repair leaves work only to
those behind it.
"""

from faces.health import consents, models, removals, rows, scans
from findme.diagnosis import register_rules

register_rules(*rows.RULES, *scans.RULES, *models.RULES, *consents.RULES, *removals.RULES)
