-- What django-q2's table of jobs lacks; django-q2 itself knows nothing of it (decision 25).

-- Which cluster holds the job, since when (or when it last said that it goes on), and how often
-- whoever held it has died. All are prefixed: the table is not ours.
ALTER TABLE django_q_ormq
    ADD COLUMN findme_owner text,
    ADD COLUMN findme_taken_at timestamptz,
    ADD COLUMN findme_deaths smallint NOT NULL DEFAULT 0,
    -- What heals, what a guest waits for, all else.
    ADD COLUMN findme_rank smallint NOT NULL GENERATED ALWAYS AS
        (CASE key WHEN 'findme-sweep' THEN 0 WHEN 'findme-first' THEN 1 ELSE 2 END) STORED;

-- The next job, however many wait: what is held is not among them. By rank, not by key: PostgreSQL
-- would take the primary key's order where most jobs are of one key, and read all before it finds
-- one of another.
CREATE INDEX findme_queue_waiting ON django_q_ormq (findme_rank, id) WHERE findme_owner IS NULL;
-- A few rows: what a cluster holds, and what nobody holds any more because its time ran out.
CREATE INDEX findme_queue_held ON django_q_ormq (lock) WHERE findme_owner IS NOT NULL;

-- Each job is an inserted, an updated and a deleted row: with PostgreSQL's own limits, which are
-- shares of the table, 20,000 dead rows would wait where 100,000 jobs do.
ALTER TABLE django_q_ormq SET (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_scale_factor = 1,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 10000
);

-- The next job: of those that heal or that a guest waits for; of those whose holder's time ran out;
-- of all else. Each look is made only where the ones before it found nothing. As a function it is
-- planned once a session, which halves what a job costs the database. Of all else, those before
-- `from_id` are not looked at: removed rows stay in the index while any transaction may see them.
CREATE FUNCTION findme_take_job(new_owner text, from_id bigint, lease_seconds float)
RETURNS TABLE (id bigint, payload text, rank smallint) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY UPDATE django_q_ormq AS job
    SET findme_owner = new_owner, findme_taken_at = statement_timestamp(),
        lock = statement_timestamp() + lease_seconds * interval '1 second'
    WHERE job.id = coalesce(
        (
            SELECT waiting.id FROM django_q_ormq AS waiting
            WHERE findme_rank < 2 AND findme_owner IS NULL AND lock <= statement_timestamp()
            ORDER BY findme_rank, waiting.id LIMIT 1 FOR UPDATE SKIP LOCKED
        ),
        (
            SELECT held.id FROM django_q_ormq AS held
            WHERE findme_owner IS NOT NULL AND lock <= statement_timestamp()
            ORDER BY lock LIMIT 1 FOR UPDATE SKIP LOCKED
        ),
        (
            SELECT waiting.id FROM django_q_ormq AS waiting
            WHERE findme_rank >= 2 AND findme_owner IS NULL AND lock <= statement_timestamp()
              AND waiting.id >= from_id
            ORDER BY findme_rank, waiting.id LIMIT 1 FOR UPDATE SKIP LOCKED
        )
    )
    RETURNING job.id::bigint, job.payload, job.findme_rank;
END $$;
