import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def those_who_wait_asked_for_whom_they_have(apps, schema_editor):
    """Nobody has been offered anybody else's time in these rows, as far as can be told."""
    rows = apps.get_model("consultations", "Consultation").objects.filter(status="requested")
    rows.update(wanted_practitioner=F("practitioner"))


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0006_data_rights"),
        ("pages", "0006_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="consultation",
            name="wanted_practitioner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="pages.practitioner",
                verbose_name="asked for",
            ),
        ),
        migrations.AddField(
            model_name="consultationevent",
            name="old_practitioner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="pages.practitioner",
                verbose_name="with whom before",
            ),
        ),
        migrations.RunPython(
            those_who_wait_asked_for_whom_they_have, migrations.RunPython.noop, elidable=True
        ),
    ]
