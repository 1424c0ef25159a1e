from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("photos", "0005_taking_home"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="photo",
            name="photo_bytes_where_the_row_says",
        ),
        migrations.AddField(
            model_name="photo",
            name="has_medium",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="photo",
            name="medium_data",
            field=models.BinaryField(null=True),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("folder", ""), ("store", "database")),
                    models.Q(
                        ("medium_data__isnull", True),
                        ("photo_data__isnull", True),
                        ("preview_data__isnull", True),
                        ("store", "s3"),
                        ("thumbnail_data__isnull", True),
                        models.Q(("folder", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="photo_bytes_where_the_row_says",
            ),
        ),
        # As for the other pictures: JPEG does not compress.
        migrations.RunSQL(
            "ALTER TABLE photos_photo ALTER medium_data SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
