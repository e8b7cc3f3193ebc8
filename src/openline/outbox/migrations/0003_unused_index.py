"""Indexes that no query uses go: another index begins with the same column, or nobody looks it up."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('outbox', '0002_indexes_once'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='key',
            field=models.CharField(max_length=200),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('key',), name='delivery_once'),
        ),
    ]
