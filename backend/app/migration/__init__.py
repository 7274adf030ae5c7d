"""The way in from an existing Sara database: read, made sense of, written, compared."""
