"""Tracks of encoded pictures and sound, to which sections of files are added one after the other."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av
from attrs import define, field
from av.video import VideoStream
from av.video.frame import PictureType

from .file_formats import ClipFormat
from .filters import TIME_BASE, FilterChain, display_size, fitted_size, picture_filters, sound_filters

DEFAULT_FPS: Final = 25
COLORS: Final = ("color_range", "color_primaries", "color_trc", "colorspace")
USUAL_RATE: Final = 48_000
"""Samples per second of which every codec is capable."""


@define
class VideoTrack:
    """A track of pictures.

    Attributes:
        start: Seconds in the track at which the section starts.
        seconds: Seconds of the section so far.
    """

    output: Any
    format: ClipFormat
    stream: Any
    start: float = 0.0
    seconds: float = 0.0
    _picture_seconds: float = field(init=False)
    _chain: FilterChain[av.VideoFrame] | None = None
    _shape: tuple[object, ...] = ()
    _last: av.VideoFrame | None = None

    def __attrs_post_init__(self) -> None:
        self._picture_seconds = float(1 / (self.stream.codec_context.framerate or DEFAULT_FPS))

    @classmethod
    def add_to(cls, output: Any, format: ClipFormat, template: VideoStream, picture: av.VideoFrame) -> VideoTrack:
        """Add a track with the size, the rate and the colors of *template*, of which *picture* is."""
        stream = output.add_stream(format.video_codec, template.average_rate or DEFAULT_FPS)
        stream.options = dict(format.video_options)
        stream.codec_context.time_base = TIME_BASE
        width, height = display_size(picture, template.sample_aspect_ratio)
        limit = min(width, format.max_width or width), height
        stream.width, stream.height = fitted_size((width, height), limit)
        stream.pix_fmt = format.pixel_format
        for name in COLORS:
            setattr(stream.codec_context, name, getattr(picture, name))
        return cls(output, format, stream)

    def write(self, time: float, picture: av.VideoFrame, pixel_ratio: Fraction | None) -> None:
        """Write a picture, shown from *time* of the section on. Its pixels are *pixel_ratio* as wide as high."""
        self.seconds = time + max(self._picture_seconds, float(picture.duration * (picture.time_base or 0)))
        shape = (picture.width, picture.height, picture.format.name, picture.rotation, pixel_ratio)
        if self._chain is None or shape != self._shape:
            self.flush_section()
            size = self.stream.width, self.stream.height
            filters = (*self.format.filters, ("format", self.format.pixel_format))
            self._shape = shape
            self._chain = picture_filters(picture, pixel_ratio, size, *filters)
        picture.pts, picture.time_base = round((self.start + time) / TIME_BASE), TIME_BASE
        for filtered in self._chain.filter(picture):
            self._encode(filtered)

    def flush_section(self) -> None:
        """Write what the filters have not passed on yet."""
        for filtered in self._chain.filter(None) if self._chain else ():
            self._encode(filtered)
        self._chain = None

    def finish_section(self, seconds: float) -> None:
        """End the section, whose last picture is shown until then."""
        if self._last is not None and seconds - self.seconds > self._picture_seconds:
            last = (self.start + seconds - self._picture_seconds) / TIME_BASE
            self._last.pts, self._last.time_base = round(last), TIME_BASE
            self._encode(self._last)
        self.start += seconds
        self.seconds = 0.0

    def _encode(self, picture: av.VideoFrame) -> None:
        picture.pict_type = PictureType.NONE  # else the encoder takes the key frames of the source over
        self.output.mux(self.stream.encode(picture))
        self._last = picture


@define
class AudioTrack:
    """A track of sound.

    Attributes:
        start: Seconds in the track at which the section starts.
    """

    output: Any
    stream: Any
    start: float = 0.0
    _samples: int = 0
    _chain: FilterChain[av.AudioFrame] | None = None
    _shape: tuple[object, ...] = ()

    @classmethod
    def add_to(cls, output: Any, codec: str, rate: int, channels: int) -> AudioTrack:
        """Add a track in mono or stereo, with the rate if the codec is capable of it."""
        rates = av.Codec(codec, "w").audio_rates
        stream = output.add_stream(codec, rate if not rates or rate in rates else USUAL_RATE)
        stream.codec_context.layout = "mono" if channels == 1 else "stereo"
        return cls(output, stream)

    @property
    def seconds(self) -> float:
        """Seconds of the section so far."""
        return self._samples / float(self.stream.rate) - self.start

    def write(self, time: float, sound: av.AudioFrame, end: float) -> None:
        """Write the part of *sound*, which begins at *time*, that lies in the section. The section ends at *end*."""
        shape = sound.sample_rate, sound.format.name, sound.layout.name
        if self._chain is None or shape != self._shape:
            self.flush_section()
            context = self.stream.codec_context
            self._shape = shape
            self._chain = sound_filters(
                sound,
                start=self.seconds,
                end=end,
                rate=context.sample_rate,
                format=context.format.name,
                layout=context.layout.name,
            )
        sound.pts, sound.time_base = round(time * sound.sample_rate), Fraction(1, sound.sample_rate)
        for filtered in self._chain.filter(sound):
            self._encode(filtered)

    def flush_section(self) -> None:
        """Write what the filters have not passed on yet."""
        for filtered in self._chain.filter(None) if self._chain else ():
            self._encode(filtered)
        self._chain = None

    def finish_section(self, seconds: float) -> None:
        """End the section, and fill it with silence until then."""
        self.start += seconds
        context = self.stream.codec_context
        while (missing := round(self.start * self.stream.rate) - self._samples) > 0:
            silence = av.AudioFrame(context.format.name, context.layout.name, min(missing, self.stream.rate))
            silence.sample_rate = self.stream.rate
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            self._encode(silence)

    def _encode(self, sound: av.AudioFrame) -> None:
        sound.pts, sound.time_base = self._samples, Fraction(1, self.stream.rate)
        self._samples += sound.samples
        self.output.mux(self.stream.encode(sound))
