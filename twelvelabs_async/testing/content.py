"""Emulated understanding of files, derived from scripts, names and headers.

No picture is decoded: a file stands for the words of its script and its name, and the same file always for the
same words.
"""

from __future__ import annotations

import fnmatch
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import attrs

from ..media.headers import Media
from ..media.images import CONTAINERS as IMAGE_CONTAINERS
from ..media.types import MEDIA_TYPES, MediaKind, kind_of
from .vectors import embedding, likeness, words

Segment = tuple[float, float, str]
Span = tuple[float, float]
Location = tuple[float, float]
"""Latitude and longitude in degrees."""

CLIP_SECONDS = 6.0
NEAR = 0.2
"""Likeness from which a clip counts as found in a modality."""


@attrs.frozen
class Script:
    """Facts that a test sets for a file name. `None` leaves a fact to be derived."""

    transcription: Sequence[Segment] | None = None
    text: str | None = None
    failures: Mapping[str, str] = attrs.field(factory=dict[str, str])
    location: Location | None = None
    answers: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def updated(self, other: Script) -> Script:
        """Return this script with the facts of *other*, where it has any."""
        return Script(
            self.transcription if other.transcription is None else other.transcription,
            self.text if other.text is None else other.text,
            {**self.failures, **other.failures},
            self.location if other.location is None else other.location,
            {**other.answers, **{key: one for key, one in self.answers.items() if key not in other.answers}},
        )


@attrs.define(eq=False)
class Scripts:
    """Scripts by file name or `fnmatch` pattern."""

    _patterns: list[tuple[str, Script]] = attrs.field(factory=list[tuple[str, Script]])
    _names: dict[str, Script] = attrs.field(factory=dict[str, Script])

    def add(self, filename: str, script: Script) -> None:
        """Add facts to those that are set for a file name or a pattern."""
        if any(sign in filename for sign in "*?["):
            self._patterns.append((filename, script))
        else:
            self._names[filename] = self._names.get(filename, Script()).updated(script)

    def find(self, filename: str) -> Script:
        """Return the facts set for a file name. Later patterns override earlier ones; the exact name overrides both."""
        found = Script()
        for pattern, script in self._patterns:
            if filename == pattern or fnmatch.fnmatchcase(filename, pattern):
                found = found.updated(script)
        return found.updated(self._names.get(filename, Script()))


@attrs.frozen
class Content:
    """A file as the emulated platform understands it."""

    filename: str
    media: Media
    script: Script

    @property
    def name(self) -> str:
        """Return the file name without its extension."""
        return PurePath(self.filename).stem

    @property
    def description(self) -> str:
        """Return the text that the platform writes about the file."""
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
        """Return the scripted transcription, or else the spoken file name if the file has an audio stream."""
        if self.script.transcription is not None:
            return list(self.script.transcription)
        if not self.media.has_audio or not self.media.duration:
            return []
        return [(0.0, min(self.media.duration, CLIP_SECONDS), " ".join(words(self.name)))]

    @property
    def location(self) -> Location | None:
        """Return the scripted place of capture, if there is one."""
        return self.script.location

    @property
    def sentences(self) -> list[dict[str, float | str]]:
        """Return the transcription as JSON."""
        return [{"start": start, "end": end, "value": value} for start, end, value in self.transcription]

    def answers(self, question: str) -> list[Any]:
        """Return what is scripted as answer to a question: texts and JSON values, the first of which counts most."""
        asked = question.lower()
        answers = self.script.answers.items()
        found = [answer for pattern, answer in answers if fnmatch.fnmatchcase(asked, pattern.lower())]
        return found if self.script.text is None else [*found, self.script.text]

    def answer(self, question: str) -> str | None:
        """Return the text that is scripted as answer to a question, if there is one."""
        return next((answer for answer in self.answers(question) if isinstance(answer, str)), None)

    def failure(self, job: str) -> str | None:
        """Return the scripted reason why a job of the file fails, if there is one."""
        return self.script.failures.get(job)

    def perceive(self, start: float, end: float) -> dict[str, str]:
        """Return the words that a part of the file stands for, by modality."""
        seen = f"{self.name} {self.script.text or ''}"
        last = end >= (self.media.duration or 0.0)  # takes what is scripted to be spoken after the file's end
        spoken = (text for begin, _, text in self.transcription if start <= begin and (begin < end or last))
        return {"visual": seen, "audio": seen if self.media.has_audio else "", "transcription": " ".join(spoken)}

    def embedding(self, text: str, modality: str, span: Span | None) -> list[float]:
        """Return the vector of the words that a part of the file stands for, unlike that of any other part."""
        return embedding(text, f"{self.filename} {modality}", sum(span) / 2 if span else 0.0)


def mime_type(filename: str, declared: str, media: Media) -> str:
    """Return a file's MIME type: by its name, else as declared, else by its header."""
    guessed = MEDIA_TYPES.get(PurePath(filename).suffix.lower())
    if guessed or declared not in ("", "application/octet-stream"):
        return guessed or declared
    if media.container in IMAGE_CONTAINERS:
        return f"image/{media.container}"
    return "audio/wav" if media.container == "wav" else "video/mp4"


def asset_kind(file_type: str) -> MediaKind:
    """Return the kind of asset that a file of this MIME type becomes."""
    return kind_of(file_type) or "document"


def complete(media: Media, kind: MediaKind, filename: str) -> Media:
    """Fill the facts that a header does not have from a hash of the file name."""
    seconds = 10.0 + zlib.crc32(filename.encode()) % 500 / 10
    derived = {
        "video": Media(container="mp4", duration=seconds, width=1280, height=720, fps=25.0, has_audio=True),
        "audio": Media(container="mp3", duration=seconds, has_audio=True),
        "image": Media(container="png", width=1280, height=720, has_audio=False),
        "document": Media(has_audio=False),
    }[kind]
    return attrs.evolve(derived, **attrs.asdict(media, filter=lambda _, value: value is not None))


def clips(duration: float | None) -> list[tuple[float, float]]:
    """Cut a duration into clips of equal length; the last one takes the rest."""
    total = duration or 0.0
    count = max(1, int(total // CLIP_SECONDS))
    return [(part * CLIP_SECONDS, total if part == count - 1 else (part + 1) * CLIP_SECONDS) for part in range(count)]


@attrs.frozen
class Match:
    """Clip as an answer to a query.

    Attributes:
        nearness: Likeness of the query and the clip's words, for each modality in which the clip has words.
        key: Number that orders clips with the same score.
    """

    start: float
    end: float
    transcription: str
    nearness: dict[str, float]
    key: int

    @property
    def score(self) -> float:
        """Return the sum of the likenesses."""
        return sum(self.nearness.values())

    @property
    def order(self) -> tuple[float, int]:
        """Return the key by which matches are sorted, the nearest first."""
        return -self.score, self.key

    @property
    def near(self) -> list[str]:
        """Return the modalities that are near to the query, or else the nearest one."""
        found = [name for name, likeness in self.nearness.items() if likeness >= NEAR]
        return found or [max(self.nearness, key=lambda name: self.nearness[name])]


def matches(content: Content, query: str, modalities: Mapping[str, Sequence[str]]) -> Iterator[Match]:
    """Return the clips of a file that have words in a modality, with their likeness to a query.

    Args:
        modalities: Modalities to search, each with the modalities of `Content.perceive` whose words it has.
    """
    for start, end in clips(content.media.duration):
        perceived = content.perceive(start, end)
        nearness = {
            name: likeness(query, " ".join(perceived[part] for part in parts))
            for name, parts in modalities.items()
            if any(perceived[part] for part in parts)
        }
        if nearness:
            key = zlib.crc32(f"{query} {content.filename} {start:g}".encode("utf-8", "surrogatepass"))
            yield Match(start, end, perceived["transcription"], nearness, key)
