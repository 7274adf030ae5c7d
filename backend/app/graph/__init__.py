"""The knowledge graph: one protocol over Postgres and Neo4j, and the walks that are made over it."""
