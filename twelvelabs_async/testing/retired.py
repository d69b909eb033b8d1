"""Models and endpoints that older programs use and the platform has retired, with what replaces them."""

from __future__ import annotations

MODELS = {
    **dict.fromkeys(("marengo2.6", "marengo2.7", "Marengo-retrieval-2.6", "Marengo-retrieval-2.7"), "marengo3.0"),
    **dict.fromkeys(("pegasus1", "pegasus1.1"), "pegasus1.5"),
}
ENDPOINTS = {
    "/engines": "Name the models when you create an index.",
    **dict.fromkeys(("/generate", "/gist", "/summarize"), "Use POST /analyze with a prompt."),
}
