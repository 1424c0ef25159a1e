"""Rows that name a remote face leave a note when they go; events get the index they have."""

from django.db import migrations

NOTE = """
CREATE FUNCTION faces_note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faces_remoteremoval (index_name, remote_face_id)
    SELECT index_name, remote_face_id FROM gone WHERE remote_face_id <> '';
    RETURN NULL;
END $$;

CREATE TRIGGER note_removal AFTER DELETE ON faces_face
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_removal();

CREATE TRIGGER note_removal AFTER DELETE ON faces_enrollment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_removal();

-- A photo that is removed while a worker asks about it: its faces may arrive at the service after
-- this, and no row will ever name them. By then they are looked for.
CREATE FUNCTION faces_note_abandoned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faces_remoteremoval (index_name, remote_face_id, not_before)
    SELECT DISTINCT index_name, '', statement_timestamp() + interval '5 minutes'
      FROM gone JOIN faces_eventindex ON faces_eventindex.name = gone.index_name
     WHERE gone.state = 'running' AND made_at IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER note_abandoned AFTER DELETE ON faces_photoscan
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_abandoned();
"""

FORGET = """
DROP TRIGGER note_abandoned ON faces_photoscan;
DROP TRIGGER note_removal ON faces_enrollment;
DROP TRIGGER note_removal ON faces_face;
DROP FUNCTION faces_note_abandoned();
DROP FUNCTION faces_note_removal();
"""

# Until now every event's index was the local one.
FIRST_INDEXES = """
INSERT INTO faces_eventindex (event_id, kind, name, state, model_version, created_at)
SELECT DISTINCT ON (event_id)
       event_id, 'local', index_name, 'active', replace(index_name, 'local-', ''), now()
  FROM (SELECT event_id, index_name FROM faces_photoscan
        UNION ALL SELECT event_id, index_name FROM faces_enrollment) used
 ORDER BY event_id, index_name
"""


class Migration(migrations.Migration):
    dependencies = [("faces", "0002_indexes")]

    operations = [
        migrations.RunSQL(NOTE, FORGET),
        migrations.RunSQL(FIRST_INDEXES, migrations.RunSQL.noop),
    ]
