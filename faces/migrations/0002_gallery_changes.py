from django.db import migrations

from photos import tracking


class Migration(migrations.Migration):
    dependencies = [
        ("faces", "0001_initial"),
        ("photos", "0002_gallery_changes"),
    ]

    operations = [
        migrations.RunSQL(*tracking.guest_triggers("faces_facematch")),
    ]
