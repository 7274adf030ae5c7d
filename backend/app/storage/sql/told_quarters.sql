-- The quarters of an hour in which this person has raw traces: enough to know the days in any zone.
SELECT DISTINCT date_bin('15 minutes', created_at, timestamptz '2000-01-01 00:00+00') AS quarter
FROM memory_trace
WHERE user_id = :user_id AND role NOT IN ('summary', 'entity')
