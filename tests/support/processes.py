"""Python processes that use the API."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from textwrap import dedent

# Warnings are errors, except the one about a fork in a process with threads, which some of these tests do on purpose.
PYTHON = [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:This process"]
# In development mode, asyncio logs slow callbacks, which a busy machine has.
PRELUDE = "import logging; logging.getLogger('asyncio').setLevel(logging.ERROR)\n"


def start(script: str | Path, url: str, key: str) -> subprocess.Popen[str]:
    """Start a script, as text or as a file, whose clients use the API at *url*."""
    arguments = ["-c", PRELUDE + dedent(script)] if isinstance(script, str) else [str(script)]
    environment = {**os.environ, "TWELVELABS_BASE_URL": url, "TWELVELABS_API_KEY": key}
    return subprocess.Popen([*PYTHON, *arguments], env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """Return the stdout of a process, which must succeed and print nothing on stderr."""
    with process:
        try:
            stdout, stderr = process.communicate(timeout=50)
        finally:
            process.kill()
    # On a busy machine, the debug mode of asyncio reports slow callbacks.
    problems = [line for line in stderr.splitlines() if not line.startswith("Executing <")]
    assert (process.returncode, problems) == (0, []), stderr
    return stdout
