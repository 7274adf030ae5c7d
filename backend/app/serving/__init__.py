"""Runs the service in one process, from the free port to the last farewell."""
