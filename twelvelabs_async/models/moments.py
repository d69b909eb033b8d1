"""Lists of moments: merged, widened, clamped, grouped by video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf
from operator import itemgetter
from typing import Any, overload

from .._removed import HintedAttributes
from .._validators import require_between
from ._clip_times import in_clip
from ._wholes import in_whole, shifted
from .moment import NO_VIDEO, Moment, MomentRow, MomentVideo
from .moment_texts import MomentTexts
from .tables import Table

__all__ = ["Moments"]


class Moments(HintedAttributes, MomentTexts, Table, Sequence[Moment]):
    """Moments in an order of their own. Every method returns a new list.

    As a table, it has a row for each moment, with the columns of its video. Times are in seconds, and as
    players show them (``start_clock``).

    Example:
        ::

            results = client.search.query(index_id=index.id, search_options=["visual"], query_text="a goal")
            moments = await results.moments()
            for video, found in moments.merge(gap=1).by_video():
                print(video.filename, [(moment.start, moment.end) for moment in found])
    """

    __slots__ = ("_moments",)
    __row__ = MomentRow

    def __init__(self, moments: Iterable[Moment | None] = ()) -> None:
        self._moments = [moment for moment in moments if moment is not None]

    def __rows__(self) -> Sequence[Moment]:
        return self._moments

    def __moments__(self) -> Sequence[Moment]:
        return self._moments

    def __len__(self) -> int:
        return len(self._moments)

    def __iter__(self) -> Iterator[Moment]:
        return iter(self._moments)

    @overload
    def __getitem__(self, index: int, /) -> Moment: ...
    @overload
    def __getitem__(self, index: slice, /) -> Moments: ...
    def __getitem__(self, index: int | slice, /) -> Any:
        return Moments(self._moments[index]) if isinstance(index, slice) else self._moments[index]

    def __add__(self, others: Iterable[Moment]) -> Moments:
        return Moments([*self._moments, *others])

    def __eq__(self, other: object) -> bool:
        return self._moments == other._moments if isinstance(other, Moments) else NotImplemented

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._moments!r})"

    def by_video(self) -> list[tuple[MomentVideo, Moments]]:
        """Return each video with its moments, in the order in which the videos first appear."""
        groups: dict[str | None, list[Moment]] = {}
        for moment in self._moments:
            groups.setdefault(_video_of(moment).key, []).append(moment)
        return [(_video_of(moments[0]), Moments(moments)) for moments in groups.values()]

    def with_video(self, video: MomentVideo) -> Moments:
        """Return the moments as parts of *video*, whose response does not name it, as that of a transcription.

        Example:
            ::

                transcription = await client.assets.retrieve_transcription(asset.id)
                lines = transcription.moments().with_video(MomentVideo(file="talk.mp4"))
        """
        return Moments(moment.copy(video=video) for moment in self._moments)

    def merge(self, *, gap: float = 0.0) -> Moments:
        """Join the moments of each video that overlap or touch.

        A joined moment has the rank, the thumbnail and the metadata of its best part, and the texts and words of all
        parts in the order of time. It stands where the first of its parts stood.

        Args:
            gap: Seconds between two moments that are joined as well. Default: 0.

        Raises:
            TypeError: *gap* is not a number.
            ValueError: *gap* is negative.
        """
        require_between("gap", gap, 0)
        groups: dict[str | None, list[tuple[int, Moment]]] = {}
        for position, moment in enumerate(self._moments):
            groups.setdefault(_video_of(moment).key, []).append((position, moment))
        joined = [part for members in groups.values() for part in _joined(members, gap)]
        return Moments(moment for _, moment in sorted(joined, key=itemgetter(0)))

    def with_margins(self, before: float, after: float | None = None) -> Moments:
        """Begin each moment earlier, and end it later, within its video.

        Args:
            before: Seconds to begin earlier. A negative number begins later.
            after: Seconds to end later. Default: *before*.

        Raises:
            TypeError: A margin is not a number.
        """
        after = before if after is None else after
        require_between("before", before, -inf)
        require_between("after", after, -inf)
        return Moments(_clamped(moment, moment.start - before, _end(moment) + after) for moment in self._moments)

    def clamp(self) -> Moments:
        """Limit the moments to their videos: to times from 0 to the duration, if it is known.

        Moments of which nothing is left are dropped.
        """
        return Moments(_clamped(moment, moment.start, _end(moment)) for moment in self._moments)

    def shift(self, seconds: float) -> Moments:
        """Begin and end each moment, and its words, later by a number of seconds.

        This makes times of the whole file of those of a part that was cut from it before the upload. For parts by
        `client.media.split`, `whole` does it.

        Args:
            seconds: Seconds to add. A negative number makes the moments earlier.

        Raises:
            TypeError: *seconds* is not a number.

        Example:
            ::

                second_half = await client.search.query(
                    index_id=index.id, search_options=["visual"], query_text="a goal"
                ).moments()
                moments = second_half.shift(45 * 60).with_video(MomentVideo(file="match.mp4"))
        """
        require_between("seconds", seconds, -inf)
        return Moments(shifted(moment, seconds) for moment in self._moments)

    def whole(self) -> Moments:
        """Map moments of parts, which `client.media.split` has made, to the times of the whole file.

        The video of such a moment is the whole: its file name and duration, without an index. A moment that continues
        in the next part becomes one by `merge`. The user metadata of the videos has to be known: a search returns it
        with ``include_user_metadata=True``. Moments of other videos stay as they are.

        Example:
            ::

                parts = await client.media.split("conference.mp4", "parts/")
                indexed = [outcome async for outcome in client.bulk.index(index.id, parts)]
                found = client.search.query(
                    index_id=index.id, search_options=["visual"], query_text="a goal", include_user_metadata=True
                )
                moments = (await found.moments()).whole().merge()
        """
        return Moments(map(in_whole, self._moments))

    def within(self, moment: Moment) -> Moments:
        """Return what *moment* has of the moments, with times from its start: those of a clip of it.

        A moment that lasts longer is cut, with its words and their text if the times of words are known. The video of
        the result is not known. Moments of other videos are left out.

        Args:
            moment: The moment that is a clip. `client.media.save` saves it.

        Example:
            ::

                lines = (await client.assets.retrieve_transcription(asset.id, include=["words", "sentences"])).moments()
                await client.media.save(found, "goal.mp4", source="match.mp4")
                lines.within(found).to_srt("goal.srt")
        """
        return Moments(in_clip(one, moment) for one in self._moments)


def _video_of(moment: Moment) -> MomentVideo:
    return moment.video or NO_VIDEO


def _end(moment: Moment) -> float:
    return inf if moment.end is None else moment.end


def _clamped(moment: Moment, start: float, end: float) -> Moment | None:
    """Return a moment with other times, limited to its video; ``None`` if nothing is left of it."""
    duration = _video_of(moment).duration
    start, end = max(start, 0.0), min(end, inf if duration is None else duration)
    if start >= end:
        return None
    if (start, end) == (moment.start, _end(moment)):
        return moment
    return moment.copy(start=start, end=None if end == inf else end)


def _joined(members: list[tuple[int, Moment]], gap: float) -> Iterator[tuple[int, Moment]]:
    """Yield the joined moments of a video, each with the position of its first part."""
    members.sort(key=lambda member: (member[1].start, _end(member[1])))
    parts: list[tuple[int, Moment]] = []
    end = -inf
    for position, moment in members:
        if parts and moment.start > end + gap:
            yield min(position for position, _ in parts), _join([part for _, part in parts], end)
            parts, end = [], -inf
        parts.append((position, moment))
        end = max(end, _end(moment))
    if parts:
        yield min(position for position, _ in parts), _join([part for _, part in parts], end)


def _join(parts: Sequence[Moment], end: float) -> Moment:
    """Join moments of a video, which are in the order of time."""
    if len(parts) == 1:
        return parts[0]
    best = min(parts, key=lambda part: inf if part.rank is None else part.rank)
    texts = dict.fromkeys(part.text for part in parts if part.text)
    speakers = {part.speaker for part in parts}
    return best.copy(
        start=parts[0].start,
        end=None if end == inf else end,
        text=" ".join(texts) or None,
        words=[word for part in parts for word in part.words or ()] or None,
        speaker=best.speaker if len(speakers) == 1 else None,
    )
