"""Endpoints that older programs use and the platform has retired, with what replaces them."""

from __future__ import annotations

ENDPOINTS = {
    "/engines": "Name the models when you create an index.",
    **dict.fromkeys(("/generate", "/gist", "/summarize"), "Use POST /analyze with a prompt."),
}
