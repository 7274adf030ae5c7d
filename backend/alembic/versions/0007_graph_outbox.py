"""The outbox of the graph: which nodes have changed, for a graph database that is kept in step.

Here are the table and the functions that note a change. The triggers that call them are there only while
``GRAPH_BACKEND`` names such a database: the service makes and drops them when it starts.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Ids and nothing else: what a node looks like is read when it is told. There is no foreign key, because a
# row has to outlive the trace whose end it tells of. ``due_at`` is when a worker may claim it (again).
OUTBOX = """
CREATE SEQUENCE graph_outbox_version;
CREATE TABLE graph_outbox (
    user_id uuid NOT NULL,
    trace_id uuid NOT NULL,
    version bigint NOT NULL DEFAULT nextval('graph_outbox_version'),
    due_at timestamptz NOT NULL DEFAULT '-infinity',
    attempts smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, trace_id)
);
ALTER SEQUENCE graph_outbox_version OWNED BY graph_outbox.version;
CREATE INDEX ix_graph_outbox_due ON graph_outbox (due_at, version);
CREATE INDEX ix_graph_outbox_person ON graph_outbox (user_id, due_at);
"""

# One row a node, however often it changes; a change of one that is being told gives it a new version, so
# that it is told again. An edge belongs to the node that it leaves.
FUNCTIONS = {
    "note_graph_edges": "SELECT DISTINCT user_id, src FROM changed ORDER BY user_id, src",
    "note_graph_nodes": "SELECT user_id, id FROM changed ORDER BY user_id, id",
    "note_graph_names": """
        SELECT c.user_id, c.id FROM changed AS c JOIN before AS b ON b.user_id = c.user_id AND b.id = c.id
        WHERE (b.role, b.content, b.meta ->> 'kind')
            IS DISTINCT FROM (c.role, c.content, c.meta ->> 'kind')
        ORDER BY c.user_id, c.id""",
    "note_graph_people": "SELECT id, CAST('00000000-0000-0000-0000-000000000000' AS uuid) FROM changed",
}
FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO graph_outbox AS o (user_id, trace_id)
    {changed}
    ON CONFLICT (user_id, trace_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(OUTBOX)
    for name, changed in FUNCTIONS.items():
        op.execute(FUNCTION.format(name=name, changed=changed))


def downgrade() -> None:
    """The triggers go with their functions."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name} CASCADE")
    op.execute("DROP TABLE graph_outbox")
