-- Behind `events.visits`: a session, the account that it is of, the event of that address if the
-- account belongs to it and as what, and, of a session without proof, whether the account holds a
-- role of the desk. A function, because PostgreSQL keeps the plan of its query; planning it takes ten times as
-- long as running it.
CREATE FUNCTION events_visit(wanted_session text, wanted_slug text)
RETURNS TABLE (session_data text, account events_user, event events_event, holds_role boolean,
               role varchar, invited_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT kept.session_data, owner, joined,
           CASE WHEN sign_in.how = 'joined' THEN
               owner.is_active AND (owner.is_staff OR EXISTS (
                   SELECT FROM events_membership AS held
                     JOIN events_event AS desk ON desk.id = held.event_id
                    WHERE held.user_id = owner.id AND held.role IN ('organizer', 'photographer')
                      AND desk.deletion_started_at IS NULL
                      AND (desk.binned_at IS NULL OR held.role = 'organizer')))
           END, member.role, member.invited_at
      FROM django_session AS kept
      LEFT JOIN events_signin AS sign_in ON sign_in.session_id = kept.session_key
      LEFT JOIN events_user AS owner ON owner.id = sign_in.user_id
      LEFT JOIN events_event AS joined
             ON joined.slug = wanted_slug AND joined.deletion_started_at IS NULL
            AND joined.binned_at IS NULL
            AND EXISTS (SELECT FROM events_membership AS membership
                         WHERE membership.event_id = joined.id
                           AND membership.user_id = sign_in.user_id)
      LEFT JOIN events_membership AS member
             ON member.event_id = joined.id AND member.user_id = sign_in.user_id
     WHERE kept.session_key = wanted_session AND kept.expire_date > statement_timestamp();
END $$;
