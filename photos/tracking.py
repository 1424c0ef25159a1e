"""The triggers behind `photos.gallery.versions`, as migrations install them."""

from __future__ import annotations

ROWS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
}

# What all guests see: visible photos that come, go or change.
GALLERY_CHANGED = """
CREATE FUNCTION photos_gallery_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, 0, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT DISTINCT event_id FROM new_rows
                 WHERE status = 'ready' AND NOT hidden) AS changed;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, 0, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT DISTINCT event_id FROM old_rows
                 WHERE status = 'ready' AND NOT hidden) AS changed;
    ELSE
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, 0, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT event_id FROM old_rows WHERE status = 'ready' AND NOT hidden
                 UNION
                SELECT event_id FROM new_rows WHERE status = 'ready' AND NOT hidden) AS changed;
    END IF;
    RETURN NULL;
END $$
"""

# What one guest sees: rows of any table with `event_id` and `user_id`.
GUEST_CHANGED = """
CREATE FUNCTION photos_guest_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, user_id, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT DISTINCT event_id, user_id FROM new_rows) AS changed
         WHERE event_id IS NOT NULL AND user_id IS NOT NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, user_id, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT DISTINCT event_id, user_id FROM old_rows) AS changed
         WHERE event_id IS NOT NULL AND user_id IS NOT NULL;
    ELSE
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, user_id, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT event_id, user_id FROM old_rows
                 UNION
                SELECT event_id, user_id FROM new_rows) AS changed
         WHERE event_id IS NOT NULL AND user_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$
"""


def gallery_triggers(table: str) -> tuple[str, str]:
    """SQL that makes a table of photos count for everybody's version, and its reverse."""
    return _triggers(table, "photos_gallery_changed")


def guest_triggers(table: str) -> tuple[str, str]:
    """SQL that makes a table with `event_id` and `user_id` count for each guest's version."""
    return _triggers(table, "photos_guest_changed")


def _triggers(table: str, function: str) -> tuple[str, str]:
    create = [
        f"CREATE TRIGGER gallery_{event} AFTER {event.upper()} ON {table} {rows}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        for event, rows in ROWS.items()
    ]
    drop = [f"DROP TRIGGER gallery_{event} ON {table}" for event in ROWS]
    return ";\n".join(create), ";\n".join(drop)
