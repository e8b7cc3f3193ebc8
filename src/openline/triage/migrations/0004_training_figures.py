"""Keep the figures of each training, not only its report in words."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("triage", "0003_assessment_sentiment")]

    operations = [
        migrations.AddField(
            model_name="servicemodelfile",
            name="figures",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
