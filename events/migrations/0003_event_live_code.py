from django.db import migrations, models

import events.codes


def give_codes(apps, schema_editor):
    Event = apps.get_model("events", "Event")
    for event in Event.objects.filter(live_code=None):
        event.live_code = events.codes.new_live_code()
        event.save(update_fields=["live_code"])


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0002_desk"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="live_code",
            field=models.CharField(editable=False, max_length=43, null=True),
        ),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="event",
            name="live_code",
            field=models.CharField(
                default=events.codes.new_live_code, editable=False, max_length=43, unique=True
            ),
        ),
    ]
