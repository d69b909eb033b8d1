"""Sinks: tables of the results of bulk runs, in which each row is exactly once."""
