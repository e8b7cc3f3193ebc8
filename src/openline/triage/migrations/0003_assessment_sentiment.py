"""Keep the feeling towards the city, for insights."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('triage', '0002_training_rows'),
    ]

    operations = [
        migrations.AddField(
            model_name='assessment',
            name='sentiment',
            field=models.FloatField(default=0.0),
        ),
    ]
