"""Async-first client for the TwelveLabs video understanding API."""
