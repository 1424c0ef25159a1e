-- Rows that name a remote face leave a note when they go.
CREATE FUNCTION faces_note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faces_remoteremoval (index_name, remote_face_id, pool)
    SELECT index_name, remote_face_id, '' FROM gone WHERE remote_face_id <> '';
    RETURN NULL;
END $$;

-- Of a pool that other selfies are still in, only the face goes.
CREATE FUNCTION faces_note_pool_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faces_remoteremoval (index_name, remote_face_id, pool)
    SELECT DISTINCT index_name, '', pool FROM gone WHERE pool <> '';
    RETURN NULL;
END $$;

CREATE TRIGGER note_removal AFTER DELETE ON faces_face
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_removal();

CREATE TRIGGER note_removal AFTER DELETE ON faces_enrollment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_removal();

CREATE TRIGGER note_pool_removal AFTER DELETE ON faces_enrollment
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_pool_removal();

-- A photo that is removed while a worker asks about it: its faces may arrive at the service after
-- this, and no row will ever name them. By then they are looked for.
CREATE FUNCTION faces_note_abandoned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO faces_remoteremoval (index_name, remote_face_id, pool, not_before)
    SELECT DISTINCT index_name, '', '', statement_timestamp() + interval '5 minutes'
      FROM gone JOIN faces_eventindex ON faces_eventindex.name = gone.index_name
     WHERE gone.state = 'running' AND made_at IS NOT NULL;
    RETURN NULL;
END $$;

CREATE TRIGGER note_abandoned AFTER DELETE ON faces_photoscan
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION faces_note_abandoned();

-- As for photos: what a deleted selfie leaves in the bucket is noted.
CREATE TRIGGER faces_selfie_deleted AFTER DELETE ON faces_selfie
    FOR EACH ROW WHEN (OLD.store = 's3') EXECUTE FUNCTION photos_note_folder();
CREATE TRIGGER faces_selfie_left_folder AFTER UPDATE OF folder ON faces_selfie
    FOR EACH ROW WHEN (OLD.store = 's3' AND NEW.folder <> OLD.folder)
    EXECUTE FUNCTION photos_note_folder();

-- A guest's own galleries have a version of their own.
CREATE TRIGGER gallery_insert AFTER INSERT ON faces_facematch
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_guest_changed();
CREATE TRIGGER gallery_update AFTER UPDATE ON faces_facematch
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_guest_changed();
CREATE TRIGGER gallery_delete AFTER DELETE ON faces_facematch
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_guest_changed();

-- Galleries say how many people are in a photo: of the index in force, once it has looked.
CREATE FUNCTION faces_people_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photos_gallerychange (event_id, user_id, token)
    SELECT NEW.event_id, -1, hashtextextended(gen_random_uuid()::text, 0)
      FROM faces_eventindex WHERE name = NEW.index_name AND state = 'active';
    RETURN NULL;
END $$;
CREATE FUNCTION faces_index_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photos_gallerychange (event_id, user_id, token)
    VALUES (NEW.event_id, -1, hashtextextended(gen_random_uuid()::text, 0));
    RETURN NULL;
END $$;

-- Not of a sign of life: it changes neither column.
CREATE TRIGGER gallery_people AFTER UPDATE OF state, face_count ON faces_photoscan
    FOR EACH ROW WHEN ('done' IN (OLD.state, NEW.state)
        AND (OLD.state, OLD.face_count) IS DISTINCT FROM (NEW.state, NEW.face_count))
    EXECUTE FUNCTION faces_people_changed();
CREATE TRIGGER gallery_people AFTER UPDATE OF state ON faces_eventindex
    FOR EACH ROW WHEN ('active' IN (OLD.state, NEW.state) AND OLD.state <> NEW.state)
    EXECUTE FUNCTION faces_index_changed();

-- My Photos is read in the order of the matches: their times follow those of their photos.
-- All of a camera's at once: a row at a time, each would tell its guests' galleries that they
-- changed. Few updates are of times, and none else looks for matches.
CREATE FUNCTION faces_follow_photos() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM old_rows AS was JOIN new_rows AS now USING (id)
                WHERE was.taken_at <> now.taken_at) THEN
        UPDATE faces_facematch AS match SET taken_at = now.taken_at
          FROM old_rows AS was, new_rows AS now
         WHERE was.id = now.id AND match.photo_id = now.id AND was.taken_at <> now.taken_at;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER faces_matches_follow AFTER UPDATE ON photos_photo
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION faces_follow_photos();

-- Behind `photos_picture`: whether a guest, or a child of theirs, is in a photo. The condition is that
-- of `FaceMatchQuerySet.counting`.
CREATE FUNCTION faces_is_in(of_guest bigint, wanted_photo bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM faces_facematch AS match
          JOIN events_user AS person ON person.id = match.user_id
         WHERE match.photo_id = wanted_photo AND match.verdict <> 'not_me'
           AND (match.band = 'sure' OR match.verdict = 'me')
           AND (person.id = of_guest OR person.guardian_id = of_guest));
END $$;

-- Behind `faces.finding.progress`: how far the search for a guest is. A function keeps the plan of its
-- query, as `events_visit` does: each guest who waits asks every two seconds.
CREATE FUNCTION faces_guest_progress(of_event bigint, of_guest bigint)
RETURNS TABLE (has_selfie boolean, is_enrolled boolean, is_scanning boolean, kind varchar,
               is_stale boolean, wants_notices boolean, advice text, building varchar,
               agreed_kind varchar, agreed_indexing varchar)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH active AS (SELECT name, kind FROM faces_eventindex
                     WHERE event_id = of_event AND state = 'active'),
         consent AS (SELECT indexing, index_kind FROM faces_consent
                      WHERE user_id = of_guest AND event_id = of_event AND withdrawn_at IS NULL)
    SELECT EXISTS (SELECT FROM consent)
           AND EXISTS (SELECT FROM faces_selfie WHERE user_id = of_guest AND state = 'accepted'),
           NOT EXISTS (SELECT FROM faces_selfie AS selfie
                        WHERE user_id = of_guest AND state = 'accepted'
                          AND NOT EXISTS (SELECT FROM faces_enrollment
                                           WHERE selfie_id = selfie.id AND event_id = of_event
                                             AND index_name = (SELECT name FROM active))),
           EXISTS (SELECT FROM faces_photoscan
                    WHERE event_id = of_event AND index_name = (SELECT name FROM active)
                      AND state IN ('queued', 'running')),
           (SELECT active.kind FROM active),
           EXISTS (SELECT FROM faces_guestmodel
                    WHERE user_id = of_guest AND event_id = of_event AND is_stale
                      AND index_name = (SELECT name FROM active)),
           EXISTS (SELECT FROM faces_noticerequest
                    WHERE user_id = of_guest AND event_id = of_event),
           (SELECT CASE WHEN count(*) = 1 THEN max(selfie.advice)::text END
              FROM faces_selfie AS selfie WHERE user_id = of_guest AND state = 'accepted'),
           (SELECT being_built.kind FROM faces_eventindex AS being_built
             WHERE event_id = of_event AND state = 'building'),
           (SELECT index_kind FROM consent),
           (SELECT indexing FROM consent);
END $$;
