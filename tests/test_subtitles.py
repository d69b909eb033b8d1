"""Moments as SubRip and WebVTT subtitles and as plain text, read back by other packages."""

from __future__ import annotations

import html
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async import Moment, Moments, MomentVideo, MomentWord, TwelveLabs
from twelvelabs_async.models._texts.spoken_lines import plain_text
from twelvelabs_async.testing import Emulator

SENTENCE = (
    "The rocket left the launch pad at noon, and thousands of people who had waited for hours along the beach "
    "watched how it became smaller and smaller."
)


JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた。"


def spoken(text: str, start: float = 0.0, pace: float = 0.3, **fields: Any) -> Moment:
    """Return a line of a transcript with a word each *pace* seconds."""
    words = [
        MomentWord(start=start + n * pace, end=start + (n + 0.9) * pace, text=w) for n, w in enumerate(text.split())
    ]
    return Moment(start=start, end=words[-1].end, text=text, words=words, origin="transcript", **fields)


def srt_cues(moments: Sequence[Moment]) -> list[tuple[int, int, str]]:
    """Return start, end and text of each cue, as pysubs2 reads them from SRT."""
    events = pysubs2.SSAFile.from_string(Moments(moments).to_srt(), format_="srt", keep_unknown_html_tags=True)
    return [(event.start, event.end, event.text.replace(r"\N", "\n")) for event in events]


def vtt_cues(moments: Sequence[Moment]) -> list[Any]:
    """Return the cues, as webvtt-py reads them."""
    return [*webvtt.from_string(Moments(moments).to_vtt())]


def test_a_cue_has_two_lines_of_at_most_42_characters() -> None:
    """A longer sentence becomes as few cues as possible."""
    assert [text for _, _, text in srt_cues([spoken(SENTENCE)])] == [
        "The rocket left the launch pad at noon,\nand thousands of people who had",
        "waited for hours along the beach watched\nhow it became smaller and smaller.",
    ]


def test_cues_have_the_times_of_their_words() -> None:
    """A cue begins with its first word, and ends with its last one."""
    assert [(start, end) for start, end, _ in srt_cues([spoken(SENTENCE, start=10)])] == [
        (10_000, 14_170),
        (14_200, 18_070),  # so that it can be read
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        (
            "He waited. When the crowd saw the rocket over the sea it sang and danced until the sunset",
            "He waited.",
        ),
        (f"At noon, {'we saw the rocket ' * 4}go", "At noon,"),
    ],
    ids=["sentence", "clause"],
)
def test_cues_rather_end_with_a_sentence_or_a_clause(text: str, first: str) -> None:
    """They need not be of the same length."""
    assert srt_cues([spoken(text)])[0][2] == first


def test_cues_end_with_sentences_and_where_nobody_speaks() -> None:
    """So do those of one long moment."""
    words = spoken("We have a lift-off! It is", start=0).words or []
    later = [MomentWord(start=word.start + 5, end=word.end + 5, text=word.text) for word in words[:3]]
    moment = Moment(start=0, text="We have a lift-off! It is We have a", words=[*words, *later])
    assert [text for _, _, text in srt_cues([moment])] == ["We have a lift-off! It is", "We have a"]


def test_words_of_a_transcript_make_sentences() -> None:
    """A transcript of words reads like one of sentences. Abbreviations do not end one."""
    words = [
        Moment(start=word.start, end=word.end, text=word.text, origin="transcript")
        for word in spoken("Dr. Smith disagrees. She left.").words or []
    ]
    assert Moments(words).to_txt() == "Dr. Smith disagrees.\nShe left.\n"
    assert [text for _, _, text in srt_cues(words)] == ["Dr. Smith disagrees.", "She left."]


def transcript(*words: tuple[float, str, str]) -> Moments:
    """Return a moment of half a second for each start, speaker and word."""
    return Moments(
        Moment(start=start, end=start + 0.5, speaker=speaker, text=text, origin="transcript")
        for start, speaker, text in words
    )


def test_words_after_a_pause_or_of_another_speaker_begin_a_sentence() -> None:
    """Chinese and Japanese words have no spaces between them, and their sentences are not words."""
    words = transcript((0, "A", "so"), (0.5, "A", "then"), (3, "A", "we"), (3.5, "B", "but"))
    assert words.to_txt() == "A: so then\nwe\n\nB: but\n"
    assert transcript((0, "A", "吾輩"), (0.5, "A", "は"), (1, "A", "cat"), (1.5, "A", "。")).to_txt() == "吾輩はcat。\n"
    german = transcript((0, "A", "Die"), (0.5, "A", "Donaudampfschifffahrtsgesellschaft"), (1, "A", "kommt."))
    assert german.to_txt() == "Die Donaudampfschifffahrtsgesellschaft kommt.\n"
    korean = transcript((0, "A", "나는"), (0.5, "A", "고양이다"))
    assert korean.to_txt() == "나는 고양이다\n"
    sentences = transcript((0, "A", "名前はまだ無いのだが"), (0.5, "A", "どこで生れたか知らない"))
    assert sentences.to_txt() == "名前はまだ無いのだが\nどこで生れたか知らない\n"


def test_a_text_without_times_of_words_divides_the_time_of_its_moment() -> None:
    """Descriptions of segments are subtitles, too. Titles stand in for missing texts."""
    cues = srt_cues([Moment(start=0, end=60, text=SENTENCE), Moment(start=60, end=65, title="The landing")])
    assert [(start, end) for start, end, _ in cues] == [(0, 28_760), (28_760, 60_000), (60_000, 65_000)]
    assert cues[-1][2] == "The landing"


def test_other_words_than_those_of_the_text_still_give_the_times() -> None:
    """The platform may write numbers in a sentence that are spelled out in its words."""
    words = [
        MomentWord(start=n, end=n + 1, text=word) for n, word in enumerate(["nineteen", "sixty", "nine", "it", "was"])
    ]
    [cue] = vtt_cues([Moment(start=0, end=5, text="1969 it was", words=words)])
    assert (cue.start, cue.text) == ("00:00:00.000", "1969 it was")


def test_a_cue_stays_until_it_can_be_read() -> None:
    """But not into the next one, nor past the end of the video."""
    video = MomentVideo(id="v", duration=10.0)
    moments = [Moment(start=start, end=start + 0.1, text="Wait a second!", video=video) for start in (1, 5, 5.5, 9.8)]
    assert [(start, end) for start, end, _ in srt_cues(moments)] == [
        (1_000, 1_833),
        (5_000, 5_500),
        (5_500, 6_333),
        (9_800, 10_000),
    ]


def test_the_name_of_a_speaker_stands_where_another_one_begins() -> None:
    """In SRT as text, in WebVTT as the voice of each cue, in plain text before the paragraph."""
    moments = Moments(
        [
            Moment(start=0, end=2, text="Hello.", speaker="Anna"),
            Moment(start=2, end=4, text="How are you?", speaker="Anna"),
            Moment(start=4, end=6, text="Fine.", speaker="Bob"),
        ]
    )
    assert [text for _, _, text in srt_cues(moments)] == ["Anna: Hello.", "How are you?", "Bob: Fine."]
    assert [(cue.voice, cue.text) for cue in vtt_cues(moments)] == [
        ("Anna", "Hello."),
        ("Anna", "How are you?"),
        ("Bob", "Fine."),
    ]
    assert moments.to_txt() == "Anna: Hello.\nHow are you?\n\nBob: Fine.\n"


def test_webvtt_has_the_times_of_words() -> None:
    """They are inside of the cue, in increasing order."""
    [cue] = vtt_cues([spoken("We have a lift-off!", start=3600)])
    assert cue.raw_text == ("We <01:00:00.300>have <01:00:00.600>a <01:00:00.900>lift-off!")
    assert cue.text == "We have a lift-off!"


def test_people_who_speak_at_once_have_cues_one_after_the_other() -> None:
    """No text is lost, and each stays for a while."""
    cues = srt_cues(
        [Moment(start=1, end=4, text="I think that it is late."), Moment(start=1, end=3, text="No, it is not!")]
    )
    assert cues == [(1_000, 2_250, "I think that it is late."), (2_250, 3_083, "No, it is not!")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<i>a</i> & <00:00:01.000> b", "<i>a</i> & <00:00:01.000> b"),
        (r"{\an8}up", r"{\an8}up"),
        ("00:00:01,000 --> 00:00:02,000", "00:00:01,000 --> 00:00:02,000"),
        ("one\n\ntwo\r\n3\u2028four\ufeff\x00five", "one two 3 four five"),
        ("NOTE this", "NOTE this"),
        ("a \ud800 b", "a \\ud800 b"),
    ],
    ids=["tags", "overrides", "arrows", "line breaks", "notes", "surrogates"],
)
def test_markup_in_texts_is_text(text: str, shown: str) -> None:
    """Neither format takes it for its own. In SRT, which has no escapes, an invisible character divides it."""
    moments = [Moment(start=0, end=9, text=text)]
    assert [cue.replace("\u2060", "") for _, _, cue in srt_cues(moments)] == [shown]
    assert not re.search(r"<[/\w]|\{\\|-->", Moments(moments).to_srt().split("\n", 2)[2])
    [cue] = vtt_cues(moments)
    assert html.unescape(cue.raw_text) == shown
    assert not re.search("[<>]", cue.raw_text)


def test_chinese_and_japanese_texts_break_between_characters() -> None:
    """Their characters take two columns. Marks do not begin a line."""
    cues = [cue for _, _, cue in srt_cues([Moment(start=0, end=20, text=JAPANESE)])]
    assert "".join(cues).replace("\n", "") == JAPANESE
    lines = "\n".join(cues).split("\n")
    assert max(map(len, lines)) <= 21
    assert not any(line.startswith(("。", "、")) for line in lines)


@pytest.mark.parametrize("mark", ["。", "）", "ー", "ャ", "”"])  # noqa: RUF001
def test_marks_do_not_begin_a_line(mark: str) -> None:
    """Nor do the small letters of Japanese."""
    for length in range(15, 30):
        [*cues] = srt_cues([Moment(start=0, end=20, text="あ" * length + mark + "い" * 20)])
        assert not any(line.startswith(mark) for _, _, text in cues for line in text.split("\n"))


def test_words_longer_than_a_line_are_divided() -> None:
    [(_, _, text)] = srt_cues([Moment(start=0, end=9, text="x" * 60)])
    assert text == "x" * 42 + "\n" + "x" * 18
    cues = srt_cues([Moment(start=0, end=9, text=f"{'z' * 41} {'x' * 85} {'y' * 41}")])
    assert max(len(line) for _, _, text in cues for line in text.split("\n")) == 42


def test_hours_may_have_more_than_two_digits() -> None:
    moments = [Moment(start=360_000.5, end=360_003, text="Late.")]
    assert "100:00:00,500 --> 100:00:03,000" in Moments(moments).to_srt()
    assert vtt_cues(moments)[0].start == "100:00:00.500"


@pytest.mark.parametrize(
    "moment",
    [
        Moment(start=1, end=2),
        Moment(start=1, end=2, text=" \n "),
        Moment(start=float("nan"), end=2, text="when?"),
        Moment(start=float("inf"), text="when?"),
    ],
    ids=["no text", "spaces", "no start", "infinite"],
)
def test_moments_without_text_or_time_are_left_out(moment: Moment) -> None:
    assert Moments([moment]).to_srt() == Moments().to_srt() == ""
    assert Moments([moment]).to_vtt() == Moments().to_vtt() == "WEBVTT\n"
    assert Moments([moment]).to_txt() == Moments().to_txt() == ""


def test_a_moment_without_an_end_lasts_to_the_next_one() -> None:
    """The last one lasts as long as people need to read it."""
    cues = srt_cues([Moment(start=1, text="One."), Moment(start=3, end=float("inf"), text="Two.")])
    assert [(start, end) for start, end, _ in cues] == [(1_000, 3_000), (3_000, 3_833)]


@pytest.mark.parametrize("method", ["to_srt", "to_vtt", "to_txt", "to_chapters", "to_ffmetadata"])
def test_texts_are_those_of_one_video(method: str) -> None:
    moments = Moments(Moment(start=0, end=20, text="a", video=MomentVideo(id=name)) for name in "ab")
    with pytest.raises(ValueError, match="of one video; got moments of 2 videos"):
        getattr(moments, method)()


def test_a_file_appears_complete_and_in_utf_8(tmp_path: Path) -> None:
    """The method returns the text as well. An open binary file can stand in for the path."""
    moments = Moments([Moment(start=0, end=2, text="Übergröße")])
    file = tmp_path / "talk.srt"
    text = moments.to_srt(file)
    assert file.read_bytes() == text.encode()
    opened = io.BytesIO()
    assert moments.to_vtt(opened).encode() == opened.getvalue()
    with pytest.raises(TypeError, match="a path or an open binary file"):
        moments.to_srt(io.StringIO())  # type: ignore[arg-type]
    assert [*tmp_path.iterdir()] == [file]


@pytest.mark.emulator(processing_time=0)
def test_a_transcription_of_the_platform_has_speakers_and_words(
    sync_client: TwelveLabs, emulator: Emulator, clip: Path
) -> None:
    """If its utterances and its words are requested. Its words alone make sentences."""
    emulator.understand(clip.name, transcription=[(0.0, 1.0, "The ball"), (1.0, 3.0, "bounces & rolls.")])
    asset = sync_client.assets.upload(clip)
    whole = sync_client.assets.retrieve_transcription(asset.id, include=["words", "utterances"]).moments()
    assert whole.to_vtt() == (
        "WEBVTT\n"
        "\n00:00:00.000 --> 00:00:01.000\n<v speaker_0>The <00:00:00.500>ball\n"
        "\n00:00:01.000 --> 00:00:03.000\n<v speaker_0>bounces <00:00:01.667>&amp; <00:00:02.333>rolls.\n"
    )
    assert "speaker_0" not in whole.to_srt() + whole.to_txt(), "There is no other speaker."
    words = sync_client.assets.retrieve_transcription(asset.id).moments()
    assert words.to_srt() == "1\n00:00:00,000 --> 00:00:03,000\nThe ball bounces & rolls.\n"


@pytest.mark.parametrize("suffix", ["srt", "vtt"])
def test_ffmpeg_reads_the_cues(suffix: str, tmp_path: Path) -> None:
    """So does ``ffprobe``, which has the same reader as PyAV."""
    av = pytest.importorskip("av", reason="reading with FFmpeg needs the extra media")
    file = tmp_path / f"talk.{suffix}"
    moments = Moments([spoken(SENTENCE, speaker="Anna"), Moment(start=60, end=62, text="<b> --> & so on")])
    getattr(moments, f"to_{suffix}")(file)
    with av.open(file) as opened:
        cues = [(packet.pts, packet.pts + packet.duration) for packet in opened.demux(subtitles=0) if packet.size]
    assert cues == [(start, end) for start, end, _ in srt_cues(moments)]


def test_moments_come_back_from_json(tmp_path: Path) -> None:
    """Each is a line. Fields without a value are left out."""
    moments = Moments([spoken("We have a lift-off!", video=MomentVideo(id="v")), Moment(start=1, title="\ud800")])
    text = moments.to_json(tmp_path / "talk.json")
    assert (tmp_path / "talk.json").read_text("utf-8") == text
    assert text.count("\n") == len(moments)
    assert "null" not in text
    assert Moments(map(Moment.from_dict, json.loads(text)))[0] == moments[0]
    assert Moments().to_json() == "[]\n"


TEXTS = st.text(st.characters(exclude_characters="\u2060"), max_size=60) | st.sampled_from([SENTENCE, JAPANESE, "42"])
SECONDS = st.floats(-5, 20)
WORDS = st.lists(st.builds(MomentWord, start=SECONDS, end=SECONDS, text=TEXTS), max_size=8)
MOMENTS = st.lists(
    st.builds(
        Moment,
        start=SECONDS,
        end=st.none() | SECONDS,
        text=TEXTS,
        words=st.none() | WORDS,
        origin=st.sampled_from(["transcript", "search"]),
    ),
    max_size=6,
)


@settings(max_examples=25)
@given(MOMENTS)
def test_cues_never_overlap_and_lose_nothing(moments: list[Moment]) -> None:
    """Whatever the times and the texts are, both formats have the same cues, with all characters of the texts."""
    cues = srt_cues(moments)
    assert all(start < end for start, end, _ in cues)
    assert all(before[1] <= after[0] for before, after in pairwise(cues))
    assert all(len(text.split("\n")) <= 2 for _, _, text in cues)
    shown = "".join(text for _, _, text in cues).replace("\u2060", "")
    assert Counter("".join(shown.split())) == Counter("".join(plain_text(m.text).replace(" ", "") for m in moments))
    read = [(cue.start_in_seconds, cue.end_in_seconds) for cue in vtt_cues(moments)]
    assert read == [(start // 1000, end // 1000) for start, end, _ in cues]


@settings(max_examples=25)
@given(MOMENTS)
def test_plain_text_has_all_words(moments: list[Moment]) -> None:
    """The order is that of time."""
    ordered = sorted(moments, key=lambda moment: moment.start)
    texts = "".join(plain_text(moment.text) for moment in ordered)
    assert "".join(Moments(moments).to_txt().split()) == "".join(texts.split())
