"""The dream: its runs, the facts behind relations, and insights with their evidence.

Every day that somebody has something of already waits for its dream afterwards.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

RUNS = """
CREATE TABLE consolidation_run (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('daily', 'weekly', 'monthly')),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    state text NOT NULL CHECK (state IN ('due', 'running', 'done', 'failed')),
    due_at timestamptz NOT NULL,
    owner uuid,
    heartbeat_at timestamptz,
    attempts smallint NOT NULL DEFAULT 0,
    started_at timestamptz,
    finished_at timestamptz,
    reopened_at timestamptz,
    report jsonb NOT NULL DEFAULT '{}',
    error text,
    PRIMARY KEY (user_id, day, kind),
    UNIQUE (user_id, id)
) WITH (fillfactor = 70);
CREATE INDEX ix_consolidation_run_open ON consolidation_run (due_at) WHERE state <> 'done';
"""

FACTS = """
CREATE TABLE memory_fact (
    user_id uuid NOT NULL,
    subject uuid NOT NULL,
    predicate text NOT NULL,
    object uuid NOT NULL,
    trace_id uuid NOT NULL,
    weight real NOT NULL,
    is_functional boolean NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    PRIMARY KEY (user_id, subject, predicate, object, trace_id),
    FOREIGN KEY (user_id, subject) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, object) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, trace_id) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_memory_fact_object ON memory_fact (user_id, object);
CREATE INDEX ix_memory_fact_trace ON memory_fact (user_id, trace_id);
"""

INSIGHTS = """
CREATE TABLE dream_insight (
    user_id uuid NOT NULL REFERENCES app_user (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    kind text NOT NULL,
    day date NOT NULL,
    text text NOT NULL,
    helpful boolean,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX ix_dream_insight_day ON dream_insight (user_id, day);

CREATE TABLE insight_evidence (
    user_id uuid NOT NULL,
    insight_id uuid NOT NULL,
    trace_id uuid NOT NULL,
    PRIMARY KEY (user_id, insight_id, trace_id),
    FOREIGN KEY (user_id, insight_id) REFERENCES dream_insight (user_id, id) ON DELETE CASCADE,
    FOREIGN KEY (user_id, trace_id) REFERENCES memory_trace (user_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_insight_evidence_trace ON insight_evidence (user_id, trace_id);
"""

TRACES = """
CREATE INDEX ix_memory_trace_entity ON memory_trace (user_id, id) WHERE role = 'entity';
CREATE INDEX ix_memory_trace_faded ON memory_trace (faded_at, user_id) WHERE faded_at IS NOT NULL;
"""

# ANALYZE would copy words of people's memories into pg_statistic, where forgetting does not reach.
NO_STATISTICS = "ALTER TABLE dream_insight ALTER text SET STATISTICS 0"

# A night begins at two in the morning of the person's zone. A zone that this server does not know
# counts as UTC here; the service itself opens later days by its own table of zones.
OPEN_DAYS = """
WITH zone AS MATERIALIZED (SELECT name FROM pg_timezone_names),
person AS (
    SELECT u.id, coalesce(zone.name, 'UTC') AS timezone
    FROM app_user AS u LEFT JOIN zone ON zone.name = u.timezone
),
told AS (
    SELECT DISTINCT t.user_id, person.timezone, (t.created_at AT TIME ZONE person.timezone)::date AS day
    FROM memory_trace AS t JOIN person ON person.id = t.user_id
    WHERE t.role NOT IN ('summary', 'entity')
)
INSERT INTO consolidation_run (user_id, day, kind, state, due_at)
SELECT user_id, day, 'daily', 'due', (day + 1 + time '02:00') AT TIME ZONE timezone FROM told
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '10s'")
    op.execute(RUNS)
    op.execute(FACTS)
    op.execute(INSIGHTS)
    op.execute(TRACES)
    op.execute(NO_STATISTICS)
    op.execute(OPEN_DAYS)


def downgrade() -> None:
    """Summaries and entity nodes stay: they are traces like others."""
    for table in ("insight_evidence", "dream_insight", "memory_fact", "consolidation_run"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP INDEX ix_memory_trace_entity")
    op.execute("DROP INDEX ix_memory_trace_faded")
