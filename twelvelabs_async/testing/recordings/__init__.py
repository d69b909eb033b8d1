"""Recorded conversations with the service: record, replay, and the format of the files."""
