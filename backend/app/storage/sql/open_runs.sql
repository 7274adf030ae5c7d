-- Let these periods wait for their dream. One that was dreamt already is open again when :again, and as
-- soon as :due says; one that waits, runs or has failed is left alone.
INSERT INTO consolidation_run (user_id, day, kind, state, due_at)
SELECT CAST(:user_id AS uuid), p.day, p.kind, 'due', p.due_at
FROM unnest(CAST(:days AS date[]), CAST(:kinds AS text[]), CAST(:due AS timestamptz[])) AS p (day, kind, due_at)
ON CONFLICT (user_id, day, kind) DO UPDATE
SET state = 'due', due_at = excluded.due_at, reopened_at = :now, attempts = 0, error = NULL
WHERE :again AND consolidation_run.state = 'done'
