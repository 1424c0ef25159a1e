"""My Photos is read in the order of the matches: their times follow those of their photos."""

from django.db import migrations

FOLLOW = """
UPDATE faces_facematch SET taken_at = photo.taken_at FROM photos_photo AS photo
 WHERE photo.id = faces_facematch.photo_id AND photo.taken_at <> faces_facematch.taken_at;

CREATE FUNCTION faces_follow_photo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE faces_facematch SET taken_at = NEW.taken_at WHERE photo_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER faces_matches_follow AFTER UPDATE OF taken_at ON photos_photo
    FOR EACH ROW WHEN (OLD.taken_at <> NEW.taken_at) EXECUTE FUNCTION faces_follow_photo();
"""
STAY = """
DROP TRIGGER faces_matches_follow ON photos_photo;
DROP FUNCTION faces_follow_photo();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("faces", "0008_notices_and_receipts"),
        ("photos", "0001_initial"),
    ]

    operations = [migrations.RunSQL(FOLLOW, STAY)]
