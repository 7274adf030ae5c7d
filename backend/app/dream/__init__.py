"""What the night makes of a day: topics, a summary, people and things and how they hang together."""
