"""Indexes that no query uses go: another index begins with the same column, or nobody looks it up."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('care', '0003_folded'),
        ('inbox', '0004_unused_index'),
        ('service_requests', '0006_scheduled_day'),
    ]

    operations = [
        migrations.AlterField(
            model_name='offer',
            name='other',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='service_requests.servicerequest'),
        ),
        migrations.AlterField(
            model_name='report',
            name='conversation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='inbox.conversation'),
        ),
        migrations.AlterField(
            model_name='report',
            name='message',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inbox.message'),
        ),
    ]
