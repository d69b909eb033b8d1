"""Assets: uploaded files."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from ._base import Id, Model, UserMetadata, models_of
from .moment import MomentVideo, MomentWord, metadata_of, moment_of, seconds_of, text_of
from .moments import Moments

__all__ = [
    "Asset", "AssetDetail", "AssetError", "AssetHls", "AssetHlsStatus", "AssetMethod", "AssetSource",
    "AssetSourceDetails", "AssetStatus", "AssetThumbnail", "AssetTranscriptionEntry", "AssetTranscriptionError",
    "AssetTranscriptionResponse", "AssetTranscriptionUtterance", "AssetType", "AudioStream", "TechnicalMetadata",
    "TranscriptionUnit", "UploadMethod", "VideoStream",
]  # fmt: skip

AssetStatus: TypeAlias = Literal["processing", "ready", "failed"] | str
AssetMethod: TypeAlias = Literal["direct", "url", "multipart", "connector"] | str
AssetHlsStatus: TypeAlias = Literal["pending", "processing", "ready", "error"] | str
UploadMethod: TypeAlias = Literal["direct", "url"] | str
AssetType: TypeAlias = Literal["image", "video", "audio", "document"] | str
TranscriptionUnit: TypeAlias = Literal["words", "sentences", "utterances"] | str


class AssetSourceDetails(Model):
    """File that an asset was imported from."""

    provider: str | None = None
    source_id: str | None = None
    source_link: str | None = None
    original_filename: str | None = None


class AssetSource(Model):
    """Origin of an imported asset."""

    type: str | None = None
    details: AssetSourceDetails | None = None


class Asset(Model):
    """An uploaded file.

    Attributes:
        file_type: Media type, such as ``video/mp4``.
    """

    id: Id
    method: AssetMethod | None = None
    status: AssetStatus | None = None
    filename: str | None = None
    file_type: str | None = None
    created_at: datetime | None = None
    user_metadata: UserMetadata | None = None
    source: AssetSource | None = None


class AssetError(Model):
    """Reason why an asset failed."""

    message: str


class AssetHls(Model):
    """HLS stream of an asset, created by ``enable_hls``."""

    status: AssetHlsStatus | None = None
    manifest_url: str | None = None


class AssetThumbnail(Model):
    """Thumbnail of an asset, created by ``enable_thumbnail``."""

    status: AssetHlsStatus | None = None
    representative_url: str | None = None


class AudioStream(Model):
    """Audio track. Rates in Hz and bit/s, duration in seconds."""

    index: int | None = None
    codec: str | None = None
    codec_long: str | None = None
    channels: int | None = None
    channel_layout: str | None = None
    sample_rate: int | None = None
    bit_depth: int | None = None
    bitrate_bps: int | None = None
    duration_seconds: float | None = None
    language: str | None = None


class VideoStream(Model):
    """Video track.

    Sizes in pixels, rate in bit/s, duration in seconds, rotation in degrees.
    """

    index: int | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    avg_fps: float | None = None
    duration_seconds: float | None = None
    bitrate_bps: int | None = None
    bit_depth: int | None = None
    pixel_format: str | None = None
    pixel_aspect_ratio: str | None = None
    display_aspect_ratio: str | None = None
    rotation: int | None = None
    scan_type: str | None = None
    color_space: str | None = None
    color_range: str | None = None
    color_primaries: str | None = None
    color_transfer: str | None = None


class TechnicalMetadata(Model):
    """Properties of a file, read by the platform.

    Which fields are present depends on the type of the file.
    """

    file_size_bytes: int | None = None
    file_mime_type: str | None = None
    file_container_format: str | None = None
    container_creation_time: datetime | None = None
    video_duration_seconds: float | None = None
    video_width: int | None = None
    video_height: int | None = None
    video_fps: float | None = None
    video_codec: str | None = None
    video_bitrate_bps: int | None = None
    video_streams: list[VideoStream] | None = None
    total_video_streams: int | None = None
    storage_aspect_ratio: float | None = None
    is_hdr: bool | None = None
    start_timecode: str | None = None
    timecode_source: str | None = None
    drop_frame: bool | None = None
    has_audio: bool | None = None
    audio_duration_seconds: float | None = None
    audio_codec: str | None = None
    audio_channels: int | None = None
    audio_sample_rate: int | None = None
    audio_streams: list[AudioStream] | None = None
    total_audio_streams: int | None = None
    geospatial_latitude: float | None = None
    geospatial_longitude: float | None = None
    geospatial_altitude_meters: float | None = None
    image_format: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    image_bit_depth: int | None = None
    image_color_space: str | None = None
    image_orientation: int | None = None
    has_alpha: bool | None = None
    is_animated: bool | None = None
    document_page_count: int | None = None
    document_page_width_pt: float | None = None
    document_page_height_pt: float | None = None
    document_title: str | None = None
    document_author: str | None = None
    document_subject: str | None = None
    document_keywords: str | None = None
    document_language: str | None = None
    document_creator_tool: str | None = None
    document_producer: str | None = None
    document_pdf_version: str | None = None
    document_creation_date: datetime | None = None
    document_modification_date: datetime | None = None
    document_is_encrypted: bool | None = None
    document_is_tagged: bool | None = None


class AssetDetail(Asset):
    """An uploaded file with all its details.

    Attributes:
        duration: Seconds.
        size: Bytes.
        technical_metadata: Absent while the asset is processed.
    """

    duration: float | None = None
    size: int | None = None
    technical_metadata: TechnicalMetadata | None = None
    hls: AssetHls | None = None
    thumbnail: AssetThumbnail | None = None
    error: AssetError | None = None


class AssetTranscriptionEntry(Model):
    """Word or sentence, from *start* to *end* in seconds."""

    start: float
    end: float
    value: str


class AssetTranscriptionUtterance(Model):
    """Uninterrupted speech of one speaker, from *start* to *end* in seconds."""

    start: float
    end: float
    value: str
    speaker: str | None = None


class AssetTranscriptionError(Model):
    """Reason why there is no transcription."""

    message: str


class AssetTranscriptionResponse(Model):
    """Transcription of an asset, in the units that were requested.

    Attributes:
        status: ``pending``, ``processing``, then ``ready`` or ``failed``.
    """

    status: str
    words: list[AssetTranscriptionEntry] | None = None
    sentences: list[AssetTranscriptionEntry] | None = None
    utterances: list[AssetTranscriptionUtterance] | None = None
    error: AssetTranscriptionError | None = None

    def moments(self, unit: TranscriptionUnit | None = None) -> Moments:
        """Return the lines of the transcription as moments, with speakers and the times of words if they are known.

        Args:
            unit: ``utterances``, ``sentences`` or ``words``. Default: the first of these that the transcription has.
        """
        units: list[TranscriptionUnit] = [unit] if unit else ["utterances", "sentences", "words"]
        lines: list[Any] = next((found for one in units if (found := models_of(getattr(self, one, None)))), list[Any]())
        words = _words(models_of(self.words))
        return Moments(
            moment_of(
                line.start,
                line.end,
                text=text_of(line.value),
                words=_words_of(line, words),
                speaker=text_of(getattr(line, "speaker", None)),
                origin="transcript",
            )
            for line in lines
        )


def _words(entries: Sequence[AssetTranscriptionEntry]) -> list[MomentWord]:
    moments = (moment_of(entry.start, entry.end, text=text_of(entry.value)) for entry in entries)
    words = [
        MomentWord(start=moment.start, end=moment.start if moment.end is None else moment.end, text=moment.text)
        for moment in moments
        if moment is not None and moment.text
    ]
    return sorted(words, key=lambda word: word.start)


def _words_of(
    line: AssetTranscriptionEntry | AssetTranscriptionUtterance, words: list[MomentWord]
) -> list[MomentWord] | None:
    """Return the words of a line, or ``None`` if those of its time are others, as when two people speak at once."""
    start, end = seconds_of(line.start), seconds_of(line.end)
    if start is None or end is None:
        return None
    first, last = (bisect_left(words, time, key=lambda word: word.start) for time in (start, end))
    found = words[first:last]
    return found if found and _letters(*(word.text for word in found)) == _letters(str(line.value)) else None


def _letters(*texts: str) -> str:
    return "".join(filter(str.isalnum, "".join(texts))).casefold()


def video_of_asset(asset: AssetDetail) -> MomentVideo:
    """Return an asset as the video of moments, with the details that it has."""
    technical = asset.technical_metadata
    return MomentVideo(
        asset_id=text_of(asset.id),
        filename=text_of(asset.filename),
        duration=seconds_of(asset.duration),
        fps=seconds_of(getattr(technical, "video_fps", None)),
        user_metadata=metadata_of(asset.user_metadata),
        hls_url=text_of(getattr(asset.hls, "manifest_url", None)),
        thumbnail_url=text_of(getattr(asset.thumbnail, "representative_url", None)),
    )
