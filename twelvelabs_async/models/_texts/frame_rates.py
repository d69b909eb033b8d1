"""Frames and their SMPTE timecodes."""

from __future__ import annotations

from attrs import frozen


@frozen
class FrameRate:
    """Frames per second, and how timecodes count them.

    Attributes:
        fps: Frames per second, such as 30000 / 1001.
        frames_per_second: Frames that a timecode counts per second, such as 30.
        skipped: Numbers that timecodes skip at each minute, but not at every tenth, to stay with the clock: 2 at 29.97
            frames per second, 4 at 59.94.
    """

    fps: float
    frames_per_second: int
    skipped: int

    @classmethod
    def nearest(cls, fps: float) -> FrameRate:
        """Return the rate of video that a number such as 25, 29.97 or 23.98 stands for."""
        whole = max(round(fps), 1)
        slower = whole * 1000 / 1001
        is_slower = abs(fps - slower) < abs(fps - whole)
        return cls(slower if is_slower else float(whole), whole, whole // 15 if is_slower and whole % 30 == 0 else 0)

    def frame(self, seconds: float) -> int:
        """Return the number of the frame that begins nearest to a time."""
        return round(seconds * self.fps)

    def timecode(self, frame: int) -> str:
        """Return the timecode of a frame, with ``;`` before the last number if numbers are skipped, else ``:``."""
        if self.skipped:
            minute = self.frames_per_second * 60 - self.skipped
            tens, rest = divmod(frame, minute * 10 + self.skipped)
            frame += self.skipped * (9 * tens + max(rest - self.skipped, 0) // minute)
        seconds, frames = divmod(frame, self.frames_per_second)
        separator = ";" if self.skipped else ":"
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{separator}{frames:02}"

    def frames_of_hours(self, hours: int) -> int:
        """Return the number of the frame whose timecode is a whole hour."""
        return hours * (3600 * self.frames_per_second - 54 * self.skipped)
