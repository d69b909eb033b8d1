"""Refusals of the platform, with the source of each. A lenient emulator, with `strict=False`, accepts some of it.

The table in the documentation shows all rows.
"""

from __future__ import annotations

import attrs

from .problem import Problem


@attrs.frozen(kw_only=True)
class Refusal:
    """Kind of request or file that the platform refuses.

    Attributes:
        subject: Kind of request or file.
        status: HTTP status of the response. It is 201 if only the asset fails.
        code: Error code of the API, if there is a response with an error.
        source: Page or other evidence of the fact.
        guess: Parts of the row that are guesses.
        is_strict: A lenient emulator accepts it.
    """

    subject: str
    status: int = 400
    code: str = "parameter_invalid"
    source: str
    guess: str = ""
    is_strict: bool = True

    def problem(self, message: str) -> Problem:
        """Return the error response."""
        return Problem(self.status, self.code, message)


OPENAPI = "OpenAPI file of November 2026"
ERROR_CODES = "Page of error codes"
LIVE_TESTS = "Tests that others run on the platform"

RETIRED_ENDPOINT = Refusal(
    subject="A request to `/engines`, `/generate`, `/gist` or `/summarize`",
    status=410,
    code="resource_not_exist",
    source="Release notes: removed",
    guess="status, code",
    is_strict=False,
)
INDEX_MODEL = Refusal(subject="A new index with another model than `marengo3.0`", source=OPENAPI, guess="code")
INDEX_WITHOUT_MARENGO = Refusal(subject="A video for an index that has Pegasus alone", source=OPENAPI, guess="code")
NO_MEDIA = Refusal(
    subject="A file whose content is no audio, video or image", status=201, code="", source=OPENAPI, guess="message"
)
VIDEO_TOO_LONG = Refusal(
    subject="An analysis of a video of more than 1 hour (at once) or 4 hours, or of more than 2 hours of it",
    code="video_duration_too_long",
    source=OPENAPI,
    guess="code, which the file has for items of batches",
)
VIDEO_TOO_SMALL = Refusal(
    subject="An analysis of a video with a side of less than 360 pixels",
    code="video_resolution_too_low",
    source=f"{OPENAPI}, {ERROR_CODES.lower()}",
)
CONTENT_TOO_LARGE = Refusal(
    subject="An embedding, without a task, of content that is too large or too long, or of a PDF with too many pages",
    status=413,
    code="content_too_large",
    source=OPENAPI,
    guess="code",
)
FILE_FORMAT = Refusal(
    subject="An asset of a file in a format that is neither media nor PDF, text or Markdown",
    source=OPENAPI,
    guess="code",
)
DOCUMENT_CONTENT = Refusal(
    subject="An asset of a document whose content does not fit its extension",
    source=OPENAPI,
    guess="code; text has no null bytes",
)
LIVE_STREAM = Refusal(
    subject="An asset or an analysis of the manifest of a live stream",
    source=OPENAPI,
    guess="code; a stream without an end is live",
)
ENRICHMENT_SCHEMA = Refusal(
    subject="A knowledge store with an enrichment schema that has an unsupported keyword, or no descriptions",
    status=422,
    source=OPENAPI,
    guess="code",
    is_strict=False,
)
ITEM_METADATA = Refusal(
    subject="An item of a knowledge store with both `item_metadata` and `metadata`",
    source=OPENAPI,
    guess="code",
    is_strict=False,
)
LOCATION_FILTER = Refusal(
    subject="A search of a knowledge store for a place with more than 10,000 items",
    status=422,
    code="metadata_filter_too_broad",
    source=OPENAPI,
    is_strict=False,
)
SEARCH_INDEX = Refusal(
    subject="A search in an index that does not exist",
    status=404,
    code="resource_not_exist",
    source=LIVE_TESTS,
    is_strict=False,
)
SEARCH_WITHOUT_MARENGO = Refusal(
    subject="A search in an index without Marengo",
    code="index_not_supported_for_search",
    source=ERROR_CODES,
    is_strict=False,
)
SEARCH_OPTION_UNKNOWN = Refusal(
    subject="A search by an unknown option",
    code="search_option_not_supported",
    source=f"{ERROR_CODES}, {LIVE_TESTS.lower()}",
    is_strict=False,
)
SEARCH_OPTION = Refusal(
    subject="A search by an option that the index was not created with",
    code="search_option_not_supported",
    source=ERROR_CODES,
    guess="`transcription` needs the model option `audio`",
)
TRANSCRIPTION_OPTION = Refusal(
    subject="`transcription_options` without the search option `transcription`",
    code="search_option_combination_not_supported",
    source=f"{ERROR_CODES}, {LIVE_TESTS.lower()}",
    is_strict=False,
)
SEARCH_SORT = Refusal(
    subject="A search whose `sort_option` is neither `score` nor `clip_count`", source=LIVE_TESTS, guess="code"
)
BLANK_QUERY = Refusal(subject="A search for a text of white space", source=LIVE_TESTS, guess="white space is no text")
LONG_QUERY = Refusal(
    subject="A search for a text of more than 500 tokens",
    source=f"{OPENAPI}, {LIVE_TESTS.lower()}",
    guess="a word is a token",
)
SEARCH_FILTER = Refusal(
    subject="A search with a filter that is no JSON object, or has unknown operators",
    code="search_filter_invalid",
    source=f"{ERROR_CODES}, {LIVE_TESTS.lower()}",
    is_strict=False,
)
SEARCH_FILTER_TYPE = Refusal(
    subject="A search with a filter whose `id` is no list, `filename` no text, or `duration` or size no number",
    code="search_filter_invalid",
    source=LIVE_TESTS,
    guess="code",
)
SEARCH_FILTER_ID = Refusal(
    subject="A search with a filter by the `id` of a video that is not in the index",
    code="search_video_not_in_same_index",
    source=LIVE_TESTS,
)
SEARCH_PAGE = Refusal(
    subject="A page of a search whose token is unknown or has expired",
    code="search_page_token_expired",
    source=f"{ERROR_CODES}, {LIVE_TESTS.lower()}",
    is_strict=False,
)

REFUSALS = [refusal for refusal in list(globals().values()) if isinstance(refusal, Refusal)]
