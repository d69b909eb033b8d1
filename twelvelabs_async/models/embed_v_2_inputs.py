"""Inputs of the second version of embeddings."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Model
from ._wire import Alias
from .embed_v_2 import EmbeddingOption, EmbeddingScope

__all__ = [
    "AsyncAudioInputRequest", "AsyncDocumentInputRequest", "AsyncImageInputRequest", "AsyncTemporalSegmentation",
    "AsyncVideoInputRequest", "AudioInputRequest", "DocumentSegmentation", "DocumentSequentialSegmentation",
    "DocumentSpatialSegmentation", "EmbeddingInputParams", "EmbeddingInputType", "EmbeddingModel",
    "EmbeddingTaskInputType", "EmbeddingType", "ImageInputRequest", "MediaSource", "MediaSourceParams",
    "MultiInputMediaSource", "MultiInputMediaSourceParams", "MultiInputRequest", "MultiInputRequestParams",
    "SegmentationParams", "TextImageInputRequest", "TextInputRequest", "TimeBasedMetadataEntry", "VideoInputRequest",
    "VideoSegmentation", "VideoSegmentationDynamicDynamic", "VideoSegmentationFixedFixed", "VideoSegmentation_Dynamic",
    "VideoSegmentation_Fixed",
]  # fmt: skip

EmbeddingModel: TypeAlias = Literal["marengo3.0", "marengo3.5"] | str
EmbeddingInputType: TypeAlias = Literal["text", "image", "text_image", "audio", "video", "multi_input"] | str
EmbeddingTaskInputType: TypeAlias = Literal["audio", "video", "document", "image"] | str

EmbeddingType: TypeAlias = Literal["separate_embedding", "fused_embedding"] | str


class MediaSource(Model):
    """A file, given by exactly one of URL, asset and base64."""

    base_64_string: Annotated[str | None, Alias("base64_string")] = OMIT
    url: str | None = OMIT
    asset_id: str | None = OMIT


class MediaSourceParams(TypedDict, total=False):
    """`MediaSource` as a plain dict."""

    base_64_string: str
    url: str
    asset_id: str


class MultiInputMediaSource(Model):
    """A file of at most 32 MB, given by exactly one of URL, asset and base64.

    Attributes:
        media_type: Marengo 3.0 takes only ``image``.
        name: Name by which the text refers to the file.
    """

    media_type: Literal["image", "video", "audio", "document"] | str
    name: str | None = OMIT
    url: str | None = OMIT
    base_64_string: Annotated[str | None, Alias("base64_string")] = OMIT
    asset_id: str | None = OMIT


class MultiInputMediaSourceParams(MediaSourceParams, total=False):
    """`MultiInputMediaSource` as a plain dict."""

    media_type: Literal["image", "video", "audio", "document"] | str
    name: str


class MultiInputRequest(Model):
    """Text and files for one embedding.

    Files of several types require a text. A document of plain text or Markdown counts as one: it goes alone, or with
    images, audio and videos. A PDF goes alone, without text. It may have 16 pages for each megabyte of its size.

    Attributes:
        input_text: Text. ``<@name>`` refers to a file.
        media_sources: Files. At most 10.
    """

    input_text: str | None = OMIT
    media_sources: Sequence[MultiInputMediaSource | MultiInputMediaSourceParams] | None = OMIT


class MultiInputRequestParams(TypedDict, total=False):
    """`MultiInputRequest` as a plain dict."""

    input_text: str
    media_sources: Sequence[MultiInputMediaSource | MultiInputMediaSourceParams]


class TextInputRequest(Model):
    """A text. At most 500 tokens."""

    input_text: str


class ImageInputRequest(Model):
    """An image. At most 32 MB before encoding."""

    media_source: MediaSource | MediaSourceParams


class TextImageInputRequest(Model):
    """An image and a text for one embedding.

    Attributes:
        media_source: Image. At most 32 MB before encoding.
        input_text: Text. At most 500 tokens.
    """

    media_source: MediaSource | MediaSourceParams
    input_text: str


class VideoSegmentationFixedFixed(Model):
    """Length of clips in whole seconds. 2 to 10."""

    duration_sec: int


class VideoSegmentationDynamicDynamic(Model):
    """Minimum length of clips in whole seconds. 2 to 5."""

    min_duration_sec: int


class VideoSegmentation_Fixed(Model):
    """Segmentation into clips of the same length."""

    fixed: VideoSegmentationFixedFixed | Mapping[str, int]
    strategy: Literal["fixed"] = "fixed"


class VideoSegmentation_Dynamic(Model):
    """Segmentation into clips that end at changes of scene."""

    dynamic: VideoSegmentationDynamicDynamic | Mapping[str, int]
    strategy: Literal["dynamic"] = "dynamic"


VideoSegmentation: TypeAlias = VideoSegmentation_Fixed | VideoSegmentation_Dynamic


class SegmentationParams(TypedDict, total=False):
    """Any segmentation as a plain dict."""

    strategy: Literal["fixed", "dynamic"] | str
    fixed: VideoSegmentationFixedFixed | Mapping[str, int]
    dynamic: VideoSegmentationDynamicDynamic | Mapping[str, int]
    temporal: "VideoSegmentation | SegmentationParams"
    spatial: "DocumentSpatialSegmentation | Mapping[str, Any]"
    sequential: "DocumentSequentialSegmentation | Mapping[str, Any]"


class AsyncTemporalSegmentation(Model):
    """Segmentation for Marengo 3.5.

    Marengo 3.0 accepts *temporal* without this wrapper.
    """

    temporal: VideoSegmentation | SegmentationParams


class DocumentSpatialSegmentation(Model):
    """Segmentation of the pages of a PDF.

    Attributes:
        strategy: ``standard`` for whole pages, ``quadrants`` for whole pages and their quarters.
    """

    strategy: Literal["standard", "quadrants"] | str | None = OMIT


class DocumentSequentialSegmentation(Model):
    """Segmentation of a text into chunks.

    Attributes:
        max_sentences: Maximum number of sentences in a chunk.
        overlap_sentences: Number of sentences that a chunk shares with the previous one. Less than *max_sentences*.
            Default: 0.
    """

    max_sentences: int
    strategy: Literal["sentence"] | str = "sentence"
    overlap_sentences: int | None = OMIT


class DocumentSegmentation(Model):
    """Segmentation of a document.

    Attributes:
        spatial: Segmentation of a PDF.
        sequential: Segmentation of plain text or Markdown.
    """

    spatial: DocumentSpatialSegmentation | Mapping[str, Any] | None = OMIT
    sequential: DocumentSequentialSegmentation | Mapping[str, Any] | None = OMIT


class TimeBasedMetadataEntry(Model):
    """Text about a time range in seconds, for the fused embedding."""

    start: float
    end: float
    text: str


class EmbeddingInputParams(TypedDict, total=False):
    """Any input as a plain dict, with the fields of the model for its type."""

    input_text: str
    media_source: MediaSource | MediaSourceParams
    start_sec: float
    end_sec: float
    segmentation: VideoSegmentation | AsyncTemporalSegmentation | DocumentSegmentation | SegmentationParams
    embedding_option: Sequence[EmbeddingOption]
    embedding_scope: Sequence[EmbeddingScope]
    embedding_type: Sequence[EmbeddingType]
    time_based_metadata: Sequence[TimeBasedMetadataEntry | Mapping[str, Any]]


class _TimedInput(Model):
    """A file with a duration, or a time range of it.

    `VideoInputRequest` describes the fields.
    """

    media_source: MediaSource | MediaSourceParams
    start_sec: float | None = OMIT
    end_sec: float | None = OMIT
    segmentation: VideoSegmentation | AsyncTemporalSegmentation | SegmentationParams | None = OMIT
    embedding_option: Sequence[EmbeddingOption] | None = OMIT
    embedding_scope: Sequence[EmbeddingScope] | None = OMIT
    embedding_type: Sequence[EmbeddingType] | None = OMIT


class AudioInputRequest(_TimedInput):
    """An audio file, or a time range of it.

    `VideoInputRequest` describes the fields.
    """


class VideoInputRequest(_TimedInput):
    """A video, or a time range of it.

    Attributes:
        media_source: The file. At most 36 MB before encoding in base64.
        start_sec: Start of the range in seconds. Default: the start of the file.
        end_sec: End of the range in seconds. Default: the end of the file.
        segmentation: Segmentation into clips. Default: at changes of scene, with a minimum length of 4 s (Marengo 3.0)
            or 2 s (Marengo 3.5). Default for audio with Marengo 3.0: clips of 6 s.
        embedding_option: ``visual``, ``audio`` or ``transcription`` (Marengo 3.0). Default: all.
        embedding_scope: ``clip`` (with Marengo 3.5 also ``local``) for each clip, ``asset`` for the whole file.
            Default: both.
        embedding_type: ``separate_embedding`` for each option, ``fused_embedding`` for all options in one, or both.
            Marengo 3.0 fuses at least two options. Default: ``separate_embedding``.
    """


class AsyncAudioInputRequest(_TimedInput):
    """An audio file, or a time range of it, with texts about it.

    `VideoInputRequest` describes the other fields.

    Attributes:
        time_based_metadata: Texts about time ranges (Marengo 3.5), only with ``fused_embedding``, which requires them.
    """

    time_based_metadata: Sequence[TimeBasedMetadataEntry | Mapping[str, Any]] | None = OMIT


class AsyncVideoInputRequest(_TimedInput):
    """A video, or a time range of it, with texts about it.

    `VideoInputRequest` describes the other fields.

    Attributes:
        time_based_metadata: Texts about time ranges (Marengo 3.5), only with ``fused_embedding``, which requires them.
    """

    time_based_metadata: Sequence[TimeBasedMetadataEntry | Mapping[str, Any]] | None = OMIT


class AsyncImageInputRequest(ImageInputRequest):
    """An image. At most 32 MB before encoding. Each other field has one valid value."""

    embedding_option: Sequence[EmbeddingOption] | None = OMIT
    embedding_type: Sequence[EmbeddingType] | None = OMIT
    embedding_scope: Sequence[EmbeddingScope] | None = OMIT


class AsyncDocumentInputRequest(Model):
    """A PDF, plain text or Markdown file.

    A PDF may have 64 pages for each megabyte of its size, else the task fails; a page with quadrants counts five times.

    Attributes:
        media_source: The file. At most 512 MB.
        segmentation: Segmentation for the scope ``local``. Default: pages. A text requires ``sequential``.
        embedding_option: ``visual`` for rendered pages (PDF), or ``text``, of a PDF with the scope ``asset`` alone.
            Default: ``visual`` for a PDF, ``text`` for other files.
        embedding_type: ``separate_embedding`` is the only valid value.
        embedding_scope: ``local`` for each part, ``asset`` for the whole file. Default: ``local`` for a PDF,
            ``asset`` for other files.
    """

    media_source: MediaSource | MediaSourceParams
    segmentation: DocumentSegmentation | SegmentationParams | None = OMIT
    embedding_option: Sequence[EmbeddingOption] | None = OMIT
    embedding_type: Sequence[EmbeddingType] | None = OMIT
    embedding_scope: Sequence[EmbeddingScope] | None = OMIT
