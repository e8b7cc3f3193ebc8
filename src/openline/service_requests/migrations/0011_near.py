"""What lies near and is recent: one index by place and time (btree_gist, a trusted extension of PostgreSQL)."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("service_requests", "0010_closing"),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(
            "CREATE INDEX request_near ON service_requests_servicerequest"
            " USING gist (point(longitude, latitude), requested_at)",
            "DROP INDEX request_near",
        ),
    ]
