"""What a text says before any model looks at it: its words, its names, its weight, its time."""
