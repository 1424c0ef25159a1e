-- What django-q2's table of jobs lacks; django-q2 itself knows nothing of it (decision 25).

-- Which cluster holds the job, since when (or when it last said that it goes on), and how often
-- whoever held it has died. All are prefixed: the table is not ours.
ALTER TABLE django_q_ormq
    ADD COLUMN findme_owner text,
    ADD COLUMN findme_taken_at timestamptz,
    ADD COLUMN findme_deaths smallint NOT NULL DEFAULT 0;

-- The next job of a kind, however many wait: what is held is not among them.
CREATE INDEX findme_queue_waiting ON django_q_ormq (key, id) WHERE findme_owner IS NULL;
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
