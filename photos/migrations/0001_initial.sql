-- JPEG does not compress: without this PostgreSQL tries, at every photo.
ALTER TABLE photos_photo
    ALTER preview_data SET STORAGE EXTERNAL,
    ALTER medium_data SET STORAGE EXTERNAL,
    ALTER thumbnail_data SET STORAGE EXTERNAL;

-- A piece of an original is one row of a page, as it is: neither compressed nor stored aside.
-- Statistics of its bytes are of no use, and for what else they know a tenth of the rows will do:
-- each is a page to read.
ALTER TABLE photos_originalpiece
    ALTER data SET STORAGE PLAIN,
    ALTER data SET STATISTICS 0,
    ALTER photo_id SET STATISTICS 10,
    ALTER number SET STATISTICS 10;
-- What is removed is wiped and its room used again soon, not only once a fifth of all is removed.
ALTER TABLE photos_originalpiece
    SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Pieces go with their photo, or when it leaves the database, whoever does it and however.
CREATE FUNCTION photos_remove_pieces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM photos_originalpiece WHERE photo_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER photos_photo_deleted_pieces AFTER DELETE ON photos_photo
    FOR EACH ROW WHEN (OLD.store = 'database') EXECUTE FUNCTION photos_remove_pieces();
CREATE TRIGGER photos_photo_left_database AFTER UPDATE OF store ON photos_photo
    FOR EACH ROW WHEN (OLD.store = 'database' AND NEW.store <> 'database')
    EXECUTE FUNCTION photos_remove_pieces();

-- Whoever deletes a row and however (a cascade, a bulk delete, SQL by hand): its folder is noted in
-- the same transaction, or not at all.
CREATE FUNCTION photos_note_folder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photos_storedobjectremoval (folder) VALUES (OLD.folder);
    RETURN NULL;
END $$;
CREATE TRIGGER photos_photo_deleted AFTER DELETE ON photos_photo
    FOR EACH ROW WHEN (OLD.store = 's3') EXECUTE FUNCTION photos_note_folder();
CREATE TRIGGER photos_photo_left_folder AFTER UPDATE OF folder ON photos_photo
    FOR EACH ROW WHEN (OLD.store = 's3' AND NEW.folder <> OLD.folder)
    EXECUTE FUNCTION photos_note_folder();

-- Behind `photos.intake.upload_log`: whoever sends a photo and however, the event's log will say so.
CREATE FUNCTION photos_note_upload() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photos_uploadnote (event_id, user_id)
    SELECT event_id, COALESCE(uploader_id, 0) FROM new_rows;
    RETURN NULL;
END $$;
CREATE TRIGGER note_upload AFTER INSERT ON photos_photo
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_note_upload();

-- Behind `photos.gallery.versions`. What all guests see: visible photos that come, go or change.
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
        -- Only columns that pages show: what is else learnt of a photo, such as how long its
        -- download is, leaves all guests' pages as they are.
        INSERT INTO photos_gallerychange (event_id, user_id, token)
        SELECT event_id, 0, hashtextextended(gen_random_uuid()::text, 0)
          FROM (SELECT DISTINCT unnest(ARRAY[
                    CASE WHEN was.status = 'ready' AND NOT was.hidden THEN was.event_id END,
                    CASE WHEN now.status = 'ready' AND NOT now.hidden THEN now.event_id END
                ]) AS event_id
                  FROM old_rows AS was FULL JOIN new_rows AS now USING (id)
                 WHERE (was.event_id, was.uploader_id, was.sha256, was.name, was.content_type,
                        was.byte_size, was.width, was.height, was.taken_at, was.uploaded_at,
                        was.status, was.hidden, was.moderation, was.blurhash, was.store, was.folder,
                        was.published, was.highlight, was.section_id, was.has_capture_time)
                       IS DISTINCT FROM
                       (now.event_id, now.uploader_id, now.sha256, now.name, now.content_type,
                        now.byte_size, now.width, now.height, now.taken_at, now.uploaded_at,
                        now.status, now.hidden, now.moderation, now.blurhash, now.store, now.folder,
                        now.published, now.highlight, now.section_id, now.has_capture_time)
               ) AS changed
         WHERE event_id IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER gallery_insert AFTER INSERT ON photos_photo
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_gallery_changed();
CREATE TRIGGER gallery_update AFTER UPDATE ON photos_photo
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_gallery_changed();
CREATE TRIGGER gallery_delete AFTER DELETE ON photos_photo
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION photos_gallery_changed();

-- Names and order of sections stand on all guests' pages.
CREATE FUNCTION photos_section_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO photos_gallerychange (event_id, user_id, token)
    VALUES (COALESCE(NEW.event_id, OLD.event_id), 0,
            hashtextextended(gen_random_uuid()::text, 0));
    RETURN NULL;
END $$;
CREATE TRIGGER section_changed AFTER INSERT OR UPDATE OR DELETE ON photos_section
    FOR EACH ROW EXECUTE FUNCTION photos_section_changed();

-- What one guest sees: rows of any table with `event_id` and `user_id`.
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
END $$;

-- Behind `photos.gallery.versions`: what an event's guests see, and what one of them sees; of those a
-- part is what all galleries say of people (`user_id` -1), which is not said to who is no guest.
-- Functions keep the plans of their queries, as `events_visit` does.
CREATE FUNCTION photos_version(of_event bigint, of_guest bigint)
RETURNS TABLE (everybody bigint, guest bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT COALESCE(BIT_XOR(token) FILTER (WHERE user_id = 0), 0),
           COALESCE(BIT_XOR(token) FILTER (WHERE user_id <> 0), 0)
      FROM photos_gallerychange
     WHERE event_id = of_event
       AND user_id IN (0, of_guest, CASE WHEN of_guest <> 0 THEN -1 ELSE 0 END);
END $$;

-- Behind `photos.gallery.slideshow`: the same for whoever has the link, and whether and with what the
-- event can be joined; no row where the link is none.
CREATE FUNCTION photos_live_version(wanted_slug text, wanted_code text)
RETURNS TABLE (event_id bigint, everybody bigint, slideshow_qr boolean, join_code varchar,
               closed_at timestamptz, join_until timestamptz, general varchar,
               general_from timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT event.id, version.everybody, event.slideshow_qr, event.join_code, event.closed_at,
           event.join_until, event.general, event.general_from
      FROM events_event AS event, LATERAL photos_version(event.id, 0) AS version
     WHERE event.slug = wanted_slug AND event.live_code = wanted_code
       AND event.deletion_started_at IS NULL AND event.binned_at IS NULL;
END $$;

-- Behind `photos.delivery.picture_views`: a picture of a photo that is not hidden, and its bytes if
-- they are wanted and here. Who may see it says `photos.audience`, by the last three columns:
-- `is_shown` is asked only where General is not open, of `faces` by a function of its migration.
CREATE FUNCTION photos_picture(of_event events_event, of_user bigint, wanted_photo bigint, kind text,
                               with_bytes boolean)
RETURNS TABLE (sha256 varchar, name varchar, store varchar, bytes bytea, published boolean,
               is_shown boolean, is_upload boolean)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    is_open boolean := of_event.general = 'open'
        OR (of_event.general = 'from' AND of_event.general_from <= statement_timestamp());
BEGIN
    RETURN QUERY
    SELECT photo.sha256, photo.name, photo.store,
           CASE WHEN with_bytes THEN
               CASE kind WHEN 'thumbnail' THEN photo.thumbnail_data
                         WHEN 'medium' THEN photo.medium_data
                         WHEN 'preview' THEN photo.preview_data END
           END,
           photo.published,
           is_open OR photo.highlight
           OR EXISTS (SELECT FROM photos_cover WHERE photo_id = photo.id)
           OR faces_is_in(of_user, photo.id),
           photo.uploader_id IS NOT DISTINCT FROM of_user
      FROM photos_photo AS photo
     WHERE photo.id = wanted_photo AND photo.event_id = of_event.id
       AND photo.status = 'ready' AND NOT photo.hidden;
END $$;
