"""Vectors of words, and of the moments of a file, made from the letters of words by a hash.

Words are near to each other by the triples of letters that they share, as "launch" and "launching" do. Each moment of a
file adds a small part of its own, which passes smoothly into that of the next one. No two clips are equal, then, and
those that stand for alike words are neighbors. All numbers are the same in every run and on every machine.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
from array import array
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

EMBEDDING_SIZE = 512
MOMENT_SECONDS = 4.0
"""Time in which the own part of a file's vectors changes completely."""
OWN_SHARE = 0.5
"""Length of the own part of a moment. The part of its words has length 1."""
DIRECTION_LENGTH = 2**15 * math.sqrt(EMBEDDING_SIZE / 3)
"""Length of a vector of random integers of 16 bits."""


def words(text: str) -> list[str]:
    """Split a text into words, in lower case."""
    return re.findall(r"\w+", text.lower().replace("_", " "))


def triples(word: str) -> list[str]:
    """Return the triples of letters of a word, whose ends count as letters."""
    bounded = f"<{word}>"
    return [bounded[start : start + 3] for start in range(max(1, len(word)))]


def weight(word: str) -> int:
    """Return how much a word counts. Short ones occur in all kinds of texts."""
    return min(len(word), 6) or 1


def embedding(text: str, own: str = "", moment: float = 0.0) -> list[float]:
    """Return a vector of unit length that is near to those of texts with alike words.

    Args:
        own: File and modality, which give the vector a part of its own.
        moment: Time in the file in seconds.
    """
    vector = _text_direction(text)
    if not own:
        return list(vector)
    anchor, passed = divmod(moment / MOMENT_SECONDS, 1)
    this, following = (_direction(f"{own} {number:g}") for number in (anchor, anchor + 1))
    share = OWN_SHARE / (DIRECTION_LENGTH * math.hypot(1 - passed, passed))
    before, after = share * (1 - passed), share * passed
    parts = zip(vector, this, following, strict=True)
    return _unit([number + before * one + after * other for number, one, other in parts])


@lru_cache(4096)
def likeness(one: str, other: str) -> float:
    """Return about the cosine between the vectors of two texts, without computing these: from 0 to 1."""
    first, second = _counts(one), _counts(other)
    shared = sum(count * second[triple] for triple, count in first.items())
    return shared / math.sqrt(_square(first) * _square(second)) if shared else 0.0


@lru_cache(4096)
def _counts(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for word in words(text):
        for triple in triples(word):
            counts[triple] += weight(word)
    return counts


def _square(counts: Counter[str]) -> int:
    return sum(count * count for count in counts.values())


@lru_cache(4096)
def _text_direction(text: str) -> array[float]:
    return array("d", _unit(_sum(map(_word_direction, words(text) or [""]))))


@lru_cache(4096)
def _word_direction(word: str) -> array[float]:
    return array("d", [weight(word) * number for number in _sum(map(_direction, triples(word)))])


@lru_cache(4096)
def _direction(seed: str) -> array[int]:
    """Return a direction of about `DIRECTION_LENGTH`. Those of any two seeds are nearly orthogonal."""
    digest = hashlib.shake_256(seed.encode("utf-8", "surrogatepass")).digest(2 * EMBEDDING_SIZE)
    return array("h", struct.unpack(f"<{EMBEDDING_SIZE}h", digest))


def _sum(vectors: Iterable[Iterable[float]]) -> list[float]:
    return [sum(numbers) for numbers in zip(*vectors, strict=True)]


def _unit(numbers: list[float]) -> list[float]:
    length = math.hypot(*numbers)
    return [number / length for number in numbers]
