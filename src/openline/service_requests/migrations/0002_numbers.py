"""Request numbers come from a sequence, so that a batch takes many in one statement."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("service_requests", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE service_request_number START 1001", "DROP SEQUENCE service_request_number"),
    ]
