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

-- My Photos is read in the order of the matches: their times follow those of their photos.
CREATE FUNCTION faces_follow_photo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE faces_facematch SET taken_at = NEW.taken_at WHERE photo_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER faces_matches_follow AFTER UPDATE OF taken_at ON photos_photo
    FOR EACH ROW WHEN (OLD.taken_at <> NEW.taken_at) EXECUTE FUNCTION faces_follow_photo();
