"""The wire: what comes in and what goes out, one module per route module."""
