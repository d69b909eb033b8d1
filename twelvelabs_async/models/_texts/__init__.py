"""Moments as texts: subtitles, chapters and timelines."""
