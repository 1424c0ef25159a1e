from django.db import migrations

from photos import tracking


class Migration(migrations.Migration):
    dependencies = [
        ("faces", "0005_selfie_stores"),
        ("photos", "0004_gallery_changes"),
    ]

    operations = [
        migrations.RunSQL(*tracking.guest_triggers("faces_facematch")),
    ]
