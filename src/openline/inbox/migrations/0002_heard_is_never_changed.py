"""What a network delivered stays as it was: only its processing state may change, and no row goes."""

from django.db import migrations

KEEP = """
CREATE FUNCTION openline_heard_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.raw IS DISTINCT FROM OLD.raw OR NEW.event_id <> OLD.event_id
       OR NEW.account_id <> OLD.account_id OR NEW.received_at <> OLD.received_at THEN
        RAISE EXCEPTION 'What was heard stays as it was heard.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER heard_stays BEFORE UPDATE OR DELETE ON inbox_heard
    FOR EACH ROW EXECUTE FUNCTION openline_heard_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial")]
    operations = [
        migrations.RunSQL(KEEP, "DROP TRIGGER heard_stays ON inbox_heard; DROP FUNCTION openline_heard_stays();"),
    ]
