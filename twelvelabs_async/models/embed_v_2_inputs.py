"""What the second version of embeddings takes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypedDict

from ..options import OMIT
from ._base import Model
from ._wire import Alias
from .embed_v_2 import Option, Scope

__all__ = [
    "AsyncAudioInputRequest", "AsyncDocumentInputRequest", "AsyncImageInputRequest", "AsyncTemporalSegmentation",
    "AsyncVideoInputRequest", "AudioInputRequest", "CreateAsyncEmbeddingRequestInputType",
    "CreateEmbeddingsRequestInputType", "CreateEmbeddingsRequestModelName", "DocumentSegmentation",
    "DocumentSequentialSegmentation", "DocumentSpatialSegmentation", "EmbeddingInputParams", "ImageInputRequest",
    "MediaSource", "MediaSourceParams", "MultiInputMediaSource", "MultiInputMediaSourceParams", "MultiInputRequest",
    "MultiInputRequestParams", "SegmentationParams", "TextImageInputRequest", "TextInputRequest",
    "TimeBasedMetadataEntry", "VideoInputRequest", "VideoSegmentation", "VideoSegmentationDynamicDynamic",
    "VideoSegmentationFixedFixed", "VideoSegmentation_Dynamic", "VideoSegmentation_Fixed",
]  # fmt: skip

CreateEmbeddingsRequestModelName: TypeAlias = Literal["marengo3.0", "marengo3.5"] | str
CreateEmbeddingsRequestInputType: TypeAlias = (
    Literal["text", "image", "text_image", "audio", "video", "multi_input"] | str
)
CreateAsyncEmbeddingRequestInputType: TypeAlias = Literal["audio", "video", "document", "image"] | str

Structure: TypeAlias = Literal["separate_embedding", "fused_embedding"] | str


class MediaSource(Model):
    """A file, by exactly one of URL, asset and base64."""

    base_64_string: Annotated[str | None, Alias("base64_string")] = OMIT
    url: str | None = OMIT
    asset_id: str | None = OMIT


class MediaSourceParams(TypedDict, total=False):
    """`MediaSource` as a plain dict."""

    base_64_string: str
    url: str
    asset_id: str


class MultiInputMediaSource(Model):
    """A file, by exactly one of URL, asset and base64; a text refers to it by *name*."""

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
    """A text, up to 10 files, or both, for one embedding; the text refers to files as ``<@name>``."""

    input_text: str | None = OMIT
    media_sources: Sequence[MultiInputMediaSource | MultiInputMediaSourceParams] | None = OMIT


class MultiInputRequestParams(TypedDict, total=False):
    """`MultiInputRequest` as a plain dict."""

    input_text: str
    media_sources: Sequence[MultiInputMediaSource | MultiInputMediaSourceParams]


class TextInputRequest(Model):
    """A text, at most 500 tokens."""

    input_text: str


class ImageInputRequest(Model):
    """An image, at most 32 MB before encoding."""

    media_source: MediaSource | MediaSourceParams


class TextImageInputRequest(Model):
    """An image, at most 32 MB before encoding, and a text, at most 500 tokens, for one embedding."""

    media_source: MediaSource | MediaSourceParams
    input_text: str


class VideoSegmentationFixedFixed(Model):
    """The length of a clip in whole seconds, 2 to 10."""

    duration_sec: int


class VideoSegmentationDynamicDynamic(Model):
    """The least length of a clip in whole seconds, 2 to 5."""

    min_duration_sec: int


class VideoSegmentation_Fixed(Model):
    """Clips of one length."""

    fixed: VideoSegmentationFixedFixed | Mapping[str, int]
    strategy: Literal["fixed"] = "fixed"


class VideoSegmentation_Dynamic(Model):
    """Clips that end where scenes do."""

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
    """A segmentation as Marengo 3.5 takes it; Marengo 3.0 takes what is in it."""

    temporal: VideoSegmentation | SegmentationParams


class DocumentSpatialSegmentation(Model):
    """The parts of a PDF page: ``standard`` for the whole page, ``quadrants`` for its quarters, too."""

    strategy: Literal["standard", "quadrants"] | str | None = OMIT


class DocumentSequentialSegmentation(Model):
    """Chunks of a text, each of some sentences, the last of which open the next chunk if they are to overlap."""

    max_sentences: int
    strategy: Literal["sentence"] | str = "sentence"
    overlap_sentences: int | None = OMIT


class DocumentSegmentation(Model):
    """The parts of a document: ``spatial`` for a PDF, ``sequential`` for plain text and Markdown."""

    spatial: DocumentSpatialSegmentation | Mapping[str, Any] | None = OMIT
    sequential: DocumentSequentialSegmentation | Mapping[str, Any] | None = OMIT


class TimeBasedMetadataEntry(Model):
    """Your own words about a stretch of time, from *start* to *end* in seconds, for the fused embedding."""

    start: float
    end: float
    text: str


class EmbeddingInputParams(TypedDict, total=False):
    """Any of the inputs as a plain dict, with the fields of the model for its type."""

    input_text: str
    media_source: MediaSource | MediaSourceParams
    start_sec: float
    end_sec: float
    segmentation: VideoSegmentation | AsyncTemporalSegmentation | DocumentSegmentation | SegmentationParams
    embedding_option: Sequence[Option]
    embedding_scope: Sequence[Scope]
    embedding_type: Sequence[Structure]
    time_based_metadata: Sequence[TimeBasedMetadataEntry | Mapping[str, Any]]


class _TimedInput(Model):
    """A file that takes time, or a stretch of it; `VideoInputRequest` describes the fields."""

    media_source: MediaSource | MediaSourceParams
    start_sec: float | None = OMIT
    end_sec: float | None = OMIT
    segmentation: VideoSegmentation | AsyncTemporalSegmentation | SegmentationParams | None = OMIT
    embedding_option: Sequence[Option] | None = OMIT
    embedding_scope: Sequence[Scope] | None = OMIT
    embedding_type: Sequence[Structure] | None = OMIT


class AudioInputRequest(_TimedInput):
    """An audio file, or a stretch of it; see `VideoInputRequest`."""


class VideoInputRequest(_TimedInput):
    """A video, or a stretch of it.

    Attributes:
        media_source: The file; as base64 at most 36 MB before encoding.
        start_sec: Where the stretch begins, in seconds.
        end_sec: Where it ends, in seconds.
        segmentation: How to cut it into clips. Default: at scenes, 4 s or more (Marengo 3.0), 2 s or more (3.5);
            audio with Marengo 3.0: every 6 s.
        embedding_option: What to embed: ``visual``, ``audio``, ``transcription`` (Marengo 3.0). Default: all of them.
        embedding_scope: ``clip`` (or ``local``) for each clip, ``asset`` for the whole. Default: both.
        embedding_type: ``separate_embedding`` for each option, ``fused_embedding`` for all in one, or both. Default:
            separate.
    """


class AsyncAudioInputRequest(_TimedInput):
    """An audio file, or a stretch of it, and your own words about it; see `VideoInputRequest`."""

    time_based_metadata: Sequence[TimeBasedMetadataEntry | Mapping[str, Any]] | None = OMIT


class AsyncVideoInputRequest(_TimedInput):
    """A video, or a stretch of it, and your own words about it; see `VideoInputRequest`."""

    time_based_metadata: Sequence[TimeBasedMetadataEntry | Mapping[str, Any]] | None = OMIT


class AsyncImageInputRequest(ImageInputRequest):
    """An image, at most 32 MB before encoding; each of the other fields has one possible value."""

    embedding_option: Sequence[Option] | None = OMIT
    embedding_type: Sequence[Structure] | None = OMIT
    embedding_scope: Sequence[Scope] | None = OMIT


class AsyncDocumentInputRequest(Model):
    """A PDF, plain text or Markdown file.

    Attributes:
        media_source: The file, at most 512 MB.
        segmentation: How to cut it for the scope ``local``. Default: pages; a text needs ``sequential``.
        embedding_option: ``visual`` for rendered pages (PDF), ``text``. Default: ``visual`` for a PDF, else ``text``.
        embedding_type: Only ``separate_embedding``.
        embedding_scope: ``local`` for each part, ``asset`` for the whole. Default: ``local`` for a PDF, else ``asset``.
    """

    media_source: MediaSource | MediaSourceParams
    segmentation: DocumentSegmentation | SegmentationParams | None = OMIT
    embedding_option: Sequence[Option] | None = OMIT
    embedding_type: Sequence[Structure] | None = OMIT
    embedding_scope: Sequence[Scope] | None = OMIT
