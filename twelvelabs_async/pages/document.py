"""The HTML document of a page: its styles, its script, and the policy that lets it load nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from .links import origin_without_tls, picture_url, web_url
from .markup import body
from .page import Page
from .styles import package_text, styles
from .texts import escaped

HLS_SCRIPT: Final = "hls.light.min.js"
"""hls.js 1.7.4, as in its package on npm, for browsers that do not play HLS. ``hls.LICENSE`` is its license."""


def document(page: Page, folder: Path | None = None) -> str:
    """Return the HTML document of a page.

    Args:
        page: The page.
        folder: Folder that the page is going to be in. Default: paths of videos are absolute.
    """
    style = styles("page.css")
    has_streams = any(group.file is None and web_url(group.stream) for group in page.groups)
    scripts = [package_text(name) for name in ([HLS_SCRIPT] if has_streams else []) + ["page.js"]]
    title = escaped(page.title)
    head = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(page, style, scripts)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f'<title>{title}</title>\n<style>{style}</style>\n</head>\n<body class="tl">',
    ]
    tail = [*(f"<script>{script}</script>" for script in scripts), "</body>\n</html>\n"]
    return "\n".join([*head, body(page, folder), *tail])


def _policy(page: Page, style: str, scripts: Iterable[str]) -> str:
    """Return the content security policy: its own script and styles, and pictures and videos by https or as files."""
    pictures = {origin_without_tls(picture_url(card.picture)) for group in page.groups for card in group.cards}
    videos = {origin_without_tls(web_url(url)) for group in page.groups for url in (group.file, group.stream)}
    rules = {
        "default-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "style-src": [_hash(style)],
        "script-src": map(_hash, scripts),
        "img-src": ["https:", "data:", *sorted(filter(None, pictures))],
        # `'self'` and `file:` for videos beside the page, `blob:` for what hls.js has read.
        "media-src": ["'self'", "file:", "https:", "blob:", *sorted(filter(None, videos))],
        "connect-src": ["https:", *sorted(filter(None, videos))],  # for hls.js
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
