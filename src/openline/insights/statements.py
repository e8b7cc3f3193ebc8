"""The statements by which figures are counted. All of them write into `insights_fresh`, a table of the transaction.

Days are those of the city: moments are brought into its zone by the database, which knows its clock's changes.
"""

from __future__ import annotations

FRESH = """
CREATE TEMP TABLE insights_fresh (period text, by text, code text, service text, figure text, value float8)
  ON COMMIT DROP;
CREATE TEMP TABLE insights_day (calendar bigint, day date, number int) ON COMMIT DROP;
CREATE TEMP TABLE insights_span (period int, day date) ON COMMIT DROP;
CREATE TEMP TABLE insights_period (period int, name text) ON COMMIT DROP
"""
SPAN = """
INSERT INTO insights_period SELECT number, code FROM unnest(%(codes)s::text[]) WITH ORDINALITY AS p(code, number);
INSERT INTO insights_span SELECT number, day::date
FROM unnest(%(first)s::date[], %(last)s::date[]) WITH ORDINALITY AS p(first, last, number),
     generate_series(p.first, p.last, interval '1 day') AS day;
ANALYZE insights_period, insights_span, insights_day
"""
# `took` in working days: those that began after the day of opening, up to the day of closing. A promise is decided once
# its day has come, unless the clock stands still; parts of a request are the department's own matter.
REQUESTS = """
CREATE TEMP TABLE insights_request ON COMMIT DROP AS
SELECT r.id, r.public, r.service_id, r.department_id, r.opened, r.closed, r.state, r.age,
       CASE WHEN r.decided THEN r.due END AS due, r.kept,
       CASE WHEN r.state = 'opened' THEN ended.number - began.number END AS took,
       r.is_open, r.is_open AND r.decided AS overdue, r.is_open AND r.paused_at IS NOT NULL AS waits, r.areas
FROM (
  SELECT id, public, areas, service_id, department_id, paused_at,
         CASE status WHEN 'duplicate' THEN 'joined' WHEN 'rejected' THEN 'rejected' ELSE 'opened' END AS state,
         (requested_at AT TIME ZONE %(zone)s)::date AS opened,
         CASE WHEN status NOT IN ('duplicate', 'rejected') THEN (closed_at AT TIME ZONE %(zone)s)::date END AS closed,
         (due_at AT TIME ZONE %(zone)s)::date AS due,
         CASE WHEN closed_at <= due_at THEN 'on_time' WHEN closed_at > due_at THEN 'late' ELSE 'overdue' END AS kept,
         due_at <= %(now)s AND status NOT IN ('duplicate', 'rejected')
           AND (closed_at IS NOT NULL OR paused_at IS NULL) AS decided,
         closed_at IS NULL AS is_open, %(today)s::date - (requested_at AT TIME ZONE %(zone)s)::date AS age
  FROM service_requests_servicerequest WHERE parent_id IS NULL) r
JOIN service_requests_department d ON d.id = r.department_id
LEFT JOIN insights_day began ON began.calendar = coalesce(d.calendar_id, 0) AND began.day = r.opened
LEFT JOIN insights_day ended ON ended.calendar = coalesce(d.calendar_id, 0) AND ended.day = r.closed;
CREATE TEMP TABLE insights_place ON COMMIT DROP AS
SELECT a.id AS area_id, r.id, service_id, opened, closed, state, age, due, kept, took, is_open, overdue, waits
FROM insights_request r CROSS JOIN LATERAL jsonb_array_elements_text(r.areas) AS n(code)
JOIN geography_area a ON a.code = n.code AND a.kind = 'neighborhood' WHERE r.public;
ANALYZE insights_request, insights_place
"""
OWN = {
    "city": "SELECT 0 AS of, r.* FROM insights_request r",
    "service": "SELECT r.service_id AS of, r.* FROM insights_request r WHERE r.public",
    "department": "SELECT r.department_id AS of, r.* FROM insights_request r WHERE r.public",
    "area": "SELECT r.area_id AS of, r.* FROM insights_place r",
}
"""Whose requests: `of` says whose each is. Those that are not public count for the city as a whole only."""
NAMED = {
    "city": "(SELECT 0 AS id, '' AS code)",
    "service": "service_requests_service",
    "department": "service_requests_department",
    "area": "geography_area",
}
COUNTS = """
WITH own AS ({own}), daily AS (
  SELECT of, opened AS day, count(*) FILTER (WHERE state = 'opened') AS opened, 0 AS closed,
         count(*) FILTER (WHERE state = 'joined') AS joined, count(*) FILTER (WHERE state = 'rejected') AS rejected,
         0 AS on_time, 0 AS late, 0 AS overdue FROM own GROUP BY 1, 2
  UNION ALL SELECT of, closed, 0, count(*), 0, 0, 0, 0, 0 FROM own WHERE closed IS NOT NULL GROUP BY 1, 2
  UNION ALL SELECT of, due, 0, 0, 0, 0, count(*) FILTER (WHERE kept = 'on_time'), count(*) FILTER (WHERE kept = 'late'),
         count(*) FILTER (WHERE kept = 'overdue') FROM own WHERE due IS NOT NULL GROUP BY 1, 2),
summed AS (
  SELECT period, of, sum(opened) AS opened, sum(closed) AS closed, sum(joined) AS joined, sum(rejected) AS rejected,
         sum(on_time) AS on_time, sum(late) AS late, sum(overdue) AS overdue
  FROM daily JOIN insights_span USING (day) GROUP BY 1, 2)
INSERT INTO insights_fresh
SELECT p.name, '{by}', n.code, '', f.figure, f.value
FROM summed JOIN insights_period p USING (period) JOIN {named} n ON n.id = summed.of,
LATERAL (VALUES ('opened', opened), ('closed', closed), ('joined', joined), ('rejected', rejected),
  ('on_time', on_time), ('late', late), ('overdue', overdue)) AS f(figure, value)
WHERE f.value > 0
"""
# The nearest rank: the least number of days within which so many of the requests were closed.
TOOK = """
WITH own AS ({own}), daily AS (
  SELECT of, closed AS day, took, count(*) AS n FROM own WHERE took IS NOT NULL GROUP BY 1, 2, 3),
counted AS (
  SELECT period, of, took, sum(n) AS n FROM daily JOIN insights_span USING (day) GROUP BY 1, 2, 3),
running AS (
  SELECT *, sum(n) OVER (PARTITION BY period, of ORDER BY took) AS so_far,
         sum(n) OVER (PARTITION BY period, of) AS whole FROM counted)
INSERT INTO insights_fresh
SELECT p.name, '{by}', n.code, '', rank.figure, min(took)
FROM running JOIN insights_period p USING (period) JOIN {named} n ON n.id = running.of,
     (VALUES ('half_days', 0.5), ('most_days', 0.9)) AS rank(figure, share)
WHERE so_far >= share * whole GROUP BY p.name, n.code, rank.figure
"""
BACKLOG = """
WITH own AS ({own})
INSERT INTO insights_fresh
SELECT 'now', '{by}', n.code, '', f.figure, f.value FROM (
  SELECT of, count(*) AS n, count(*) FILTER (WHERE overdue) AS overdue, count(*) FILTER (WHERE waits) AS waits,
         count(*) FILTER (WHERE age <= 7) AS week, count(*) FILTER (WHERE age BETWEEN 8 AND 30) AS month,
         count(*) FILTER (WHERE age BETWEEN 31 AND 90) AS quarter,
         count(*) FILTER (WHERE age BETWEEN 91 AND 365) AS year, count(*) FILTER (WHERE age > 365) AS longer,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY age) AS half
  FROM own WHERE is_open GROUP BY of) c JOIN {named} n ON n.id = c.of,
LATERAL (VALUES ('open', c.n), ('open_overdue', overdue), ('open_waiting', waits), ('open_week', week),
  ('open_month', month), ('open_quarter', quarter), ('open_year', year), ('open_longer', longer),
  ('open_half_days', half)) AS f(figure, value)
WHERE f.value > 0 OR f.figure = 'open_half_days'
"""
AGAIN = """
CREATE TEMP TABLE insights_again ON COMMIT DROP AS
SELECT request_id AS id, (at AT TIME ZONE %(zone)s)::date AS day FROM service_requests_update
WHERE to_status = 'reopened'
"""
SAID = """
CREATE TEMP TABLE insights_said ON COMMIT DROP AS
SELECT request_id AS id, (rated_at AT TIME ZONE %(zone)s)::date AS rated, satisfaction,
       (fixed_at AT TIME ZONE %(zone)s)::date AS said, fixed
FROM care_survey WHERE rated_at IS NOT NULL OR fixed_at IS NOT NULL
"""
AFTERWARDS = """
WITH own AS ({own}), summed AS (
  SELECT period, of, 'reopened' AS figure, count(*) AS value
  FROM own JOIN insights_again USING (id) JOIN insights_span USING (day) GROUP BY 1, 2
  UNION ALL SELECT period, of, f.figure, f.value FROM (
    SELECT period, of, count(*) AS n, avg(satisfaction) AS mean
    FROM own JOIN insights_said USING (id) JOIN insights_span ON day = rated WHERE satisfaction IS NOT NULL
    GROUP BY 1, 2) c, LATERAL (VALUES ('rated', n), ('satisfaction', mean)) AS f(figure, value)
  UNION ALL SELECT period, of, f.figure, f.value FROM (
    SELECT period, of, count(*) AS n, count(*) FILTER (WHERE fixed) AS yes
    FROM own JOIN insights_said USING (id) JOIN insights_span ON day = said WHERE fixed IS NOT NULL
    GROUP BY 1, 2) c, LATERAL (VALUES ('said', n), ('said_fixed', yes)) AS f(figure, value))
INSERT INTO insights_fresh
SELECT p.name, '{by}', n.code, '', figure, value
FROM summed JOIN insights_period p USING (period) JOIN {named} n ON n.id = summed.of
"""
ASKED = """
WITH daily AS (
  SELECT area_id, service_id, opened AS day, count(*) AS n FROM insights_place WHERE state = 'opened' GROUP BY 1, 2, 3),
summed AS (
  SELECT period, area_id, service_id, sum(n) AS value FROM daily JOIN insights_span USING (day)
  JOIN insights_period p USING (period) WHERE name NOT LIKE '%%-before' GROUP BY 1, 2, 3)
INSERT INTO insights_fresh
SELECT p.name, 'area', a.code, s.code, 'opened', value FROM summed JOIN insights_period p USING (period)
JOIN geography_area a ON a.id = area_id JOIN service_requests_service s ON s.id = service_id
"""
OVER_TIME = """
WITH daily AS (
  SELECT opened AS day, 'opened' AS figure, count(*) AS n FROM insights_request WHERE state = 'opened' GROUP BY 1
  UNION ALL SELECT closed, 'closed', count(*) FROM insights_request WHERE closed IS NOT NULL GROUP BY 1)
INSERT INTO insights_fresh
SELECT step, 'time', date_trunc(step, day::timestamp)::date::text, '', figure, sum(n)
FROM daily, (VALUES ('week'), ('month')) AS s(step) WHERE day <= %(today)s GROUP BY 1, 3, 5
"""
# What somebody of the city wrote on the network by hand is a message too; what never left is no answer. Conversations
# that the city began have nothing to answer, but a network's clock may be minutes ahead of ours.
ANSWERS = """
CREATE TEMP TABLE insights_answer ON COMMIT DROP AS
SELECT a.network AS code, (t.asked AT TIME ZONE %(zone)s)::date AS day,
       CASE WHEN t.answered IS NOT NULL THEN greatest(0, extract(epoch FROM t.answered - t.asked) / 60) END AS machine,
       CASE WHEN t.person IS NOT NULL THEN greatest(0, extract(epoch FROM t.person - t.asked) / 60) END AS person
FROM (
  SELECT m.conversation_id AS id, min(m.posted_at) FILTER (WHERE m.direction = 'in') AS asked,
         min(coalesce(d.sent_at, m.posted_at)) FILTER (WHERE m.direction = 'out') AS answered,
         min(coalesce(d.sent_at, m.posted_at)) FILTER (WHERE m.direction = 'out' AND m.written_by_id > 0) AS person
  FROM inbox_message m LEFT JOIN outbox_delivery d ON d.id = m.delivery_id
  WHERE m.direction = 'in' OR m.delivery_id IS NULL OR d.state = 'sent' GROUP BY 1) t
JOIN inbox_conversation c ON c.id = t.id JOIN inbox_identity i ON i.id = c.identity_id AND NOT i.ours
JOIN accounts_account a ON a.id = c.account_id
WHERE t.asked IS NOT NULL AND (t.answered IS NULL OR t.answered > t.asked - interval '5 minutes')
"""
ANSWERED = """
INSERT INTO insights_fresh
SELECT p.name, by, code, '', f.figure, f.value FROM (
  SELECT period, CASE WHEN grouping(a.code) = 1 THEN 'city' ELSE 'network' END AS by, coalesce(a.code, '') AS code,
         count(*) AS n, count(machine) AS answered, count(person) AS persons,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY machine) AS machine,
         percentile_disc(0.5) WITHIN GROUP (ORDER BY person) AS person
  FROM insights_answer a JOIN insights_span USING (day) GROUP BY GROUPING SETS ((period), (period, a.code))) c
JOIN insights_period p USING (period),
LATERAL (VALUES ('heard', n), ('answered', answered), ('answer_minutes', machine), ('answered_by_person', persons),
  ('person_minutes', person)) AS f(figure, value)
WHERE f.value > 0 OR f.figure LIKE '%%_minutes' AND f.value IS NOT NULL
"""
HIDDEN = """
INSERT INTO insights_fresh
SELECT name, 'city', '', '', 'hidden', count(*)
FROM insights_period JOIN insights_span USING (period)
JOIN inbox_message ON day = ((details->>'hidden')::timestamptz AT TIME ZONE %(zone)s)::date
WHERE direction = 'in' AND details ? 'hidden' GROUP BY 1
"""
# A rule stands with a comment as long as it is hidden: one that was shown again after an appeal has none.
RULES = """
INSERT INTO insights_fresh
SELECT p.name, e.by, e.code, '', e.figure, count(*) FROM (
  SELECT by, CASE by WHEN 'rule' THEN rule ELSE '' END AS code, 'hidden_by_rule' AS figure,
         (decided_at AT TIME ZONE %(zone)s)::date AS day
  FROM community_comment, (VALUES ('city'), ('rule')) AS b(by) WHERE state = 'hidden' AND rule <> ''
  UNION ALL SELECT 'city', '', figure, (appealed_at AT TIME ZONE %(zone)s)::date
  FROM community_comment, (VALUES ('appealed'), ('shown_again')) AS f(figure)
  WHERE appealed_at IS NOT NULL AND (figure = 'appealed' OR state = 'shown')) e
JOIN insights_span USING (day) JOIN insights_period p USING (period) GROUP BY 1, 2, 3, 5
"""
CHANGE = """
INSERT INTO insights_figure (period, by, code, service, figure, value)
SELECT n.* FROM insights_fresh n LEFT JOIN insights_figure f USING (period, by, code, service, figure)
WHERE f.value IS DISTINCT FROM n.value
ON CONFLICT (period, by, code, service, figure) DO UPDATE SET value = excluded.value
"""
DROP = """
DELETE FROM insights_figure f WHERE NOT EXISTS (
  SELECT FROM insights_fresh n WHERE (n.period, n.by, n.code, n.service, n.figure)
                                   = (f.period, f.by, f.code, f.service, f.figure))
"""
FORGET = """
DROP TABLE insights_fresh, insights_day, insights_span, insights_period, insights_request, insights_place,
  insights_again, insights_said, insights_answer
"""
