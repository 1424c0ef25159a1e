"""The table of django-q2's queue gets indexes, and columns that say who holds a job."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            SQL,
            "DROP FUNCTION findme_take_job; DROP INDEX findme_queue_waiting, findme_queue_held;"
            " ALTER TABLE django_q_ormq"
            " DROP COLUMN findme_owner, DROP COLUMN findme_taken_at,"
            " DROP COLUMN findme_deaths, DROP COLUMN findme_rank;"
            " ALTER TABLE django_q_ormq RESET (autovacuum_vacuum_scale_factor,"
            " autovacuum_vacuum_threshold, autovacuum_analyze_scale_factor,"
            " autovacuum_analyze_threshold, autovacuum_vacuum_insert_scale_factor)",
        ),
    ]
