"""What the emulated platform understands of a file.

It is no model: it never looks at a picture. What it says of a file is what a test scripted for the file's name and,
beyond that, derived from the name and the header, always the same for the same file.
"""

from __future__ import annotations

import math
import mimetypes
import random
import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Literal

import attrs

from ..media.headers import Media

Kind = Literal["video", "audio", "image", "document"]
Segment = tuple[float, float, str]

_CLIP_SECONDS = 6.0
# Words that begin alike count as one, and short ones for little, being in all kinds of texts.
_STEM = 6
EMBEDDING_SIZE = 512


@attrs.frozen
class Script:
    """What a test says the platform understands of a file; `None` leaves a fact to be derived."""

    transcription: Sequence[Segment] | None = None
    text: str | None = None
    failures: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def overlaid(self, other: Script) -> Script:
        return Script(
            self.transcription if other.transcription is None else other.transcription,
            self.text if other.text is None else other.text,
            {**self.failures, **other.failures},
        )


def mime_type(filename: str, declared: str, media: Media) -> str:
    """The MIME type of a file: by its name, then as the sender declared it, then by its header."""
    guessed = mimetypes.guess_type(filename)[0]
    if guessed or declared not in ("", "application/octet-stream"):
        return guessed or declared
    if media.container in ("png", "jpeg"):
        return f"image/{media.container}"
    return "audio/wav" if media.container == "wav" else "video/mp4"


def kind_of(file_type: str) -> Kind:
    families: dict[str, Kind] = {"video": "video", "audio": "audio", "image": "image"}
    return families.get(file_type.partition("/")[0], "document")


def complete(media: Media, kind: Kind, filename: str) -> Media:
    """The facts of a file whose header does not tell them all: the rest is derived from its name."""
    seed = zlib.crc32(filename.encode())
    derived = {
        "video": Media("mp4", 10.0 + seed % 500 / 10, 1280, 720, 25.0, True),
        "audio": Media("mp3", 10.0 + seed % 500 / 10, has_audio=True),
        "image": Media("png", None, 1280, 720, has_audio=False),
        "document": Media(has_audio=False),
    }[kind]
    known = {name: value for name, value in attrs.asdict(media).items() if value is not None}
    return attrs.evolve(derived, **known)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower().replace("_", " "))


@attrs.frozen
class Content:
    """A file as the platform understands it."""

    filename: str
    media: Media
    script: Script

    @property
    def name(self) -> str:
        return PurePath(self.filename).stem

    @property
    def description(self) -> str:
        """The text the platform would write about it."""
        media = self.media
        if self.script.text is not None:
            return self.script.text
        facts = [f"{media.duration:g} seconds long"] if media.duration else []
        if media.width and media.height:
            facts.append(f"{media.width} by {media.height} pixels")
        subject = " ".join(words(self.name)) or "something"
        return f"This file shows {subject}. It is {', '.join(facts) or 'of unknown length'}."

    @property
    def transcription(self) -> list[Segment]:
        """What is spoken: nothing without an audio stream, else its name, unless scripted."""
        if self.script.transcription is not None:
            return list(self.script.transcription)
        if not self.media.has_audio or not self.media.duration:
            return []
        return [(0.0, min(self.media.duration, _CLIP_SECONDS), " ".join(words(self.name)))]

    @property
    def sentences(self) -> list[dict[str, float | str]]:
        """The transcription as answers show it."""
        return [{"start": start, "end": end, "value": value} for start, end, value in self.transcription]

    def failure(self, job: str) -> str | None:
        """Why a job about it fails, if it does."""
        return self.script.failures.get(job)

    def perceive(self, start: float, end: float) -> dict[str, str]:
        """The words that a stretch of it counts for, by where they are found."""
        seen = f"{self.name} {self.script.text or ''}"
        last = end >= (self.media.duration or 0.0)  # takes what is said to be spoken after the file's end
        said = (text for begin, _, text in self.transcription if start <= begin and (begin < end or last))
        return {"visual": seen, "audio": seen if self.media.has_audio else "", "transcription": " ".join(said)}


def clips(duration: float | None) -> list[tuple[float, float]]:
    """A file's time, cut into the clips that searches and embeddings are about."""
    total = duration or 0.0
    count = max(1, int(total // _CLIP_SECONDS))
    return [(part * _CLIP_SECONDS, total if part == count - 1 else (part + 1) * _CLIP_SECONDS) for part in range(count)]


@lru_cache(1024)
def embedding(text: str, size: int = EMBEDDING_SIZE) -> tuple[float, ...]:
    """A vector for a text, near to those of texts with some of its words, of unit length at the usual size.

    A shorter one is made of the first numbers of a longer one.
    """
    size_of_sums = max(size, EMBEDDING_SIZE)
    sums = [0.0] * size_of_sums
    for word in words(text) or [""]:
        direction, weight = _direction(word[:_STEM], size_of_sums), min(len(word) + 1, _STEM)
        sums = [total + weight * number for total, number in zip(sums, direction, strict=True)]
    length = math.hypot(*sums[:EMBEDDING_SIZE])
    return tuple(number / length for number in sums[:size])


@lru_cache(1024)
def _direction(stem: str, size: int) -> tuple[float, ...]:
    source = random.Random(stem)  # noqa: S311 - reproducible is the point
    return tuple(source.gauss(0.0, 1.0) for _ in range(size))


def nearness(one: str, other: str) -> float:
    """The cosine between the vectors of two texts."""
    return sum(a * b for a, b in zip(embedding(one), embedding(other), strict=True))
