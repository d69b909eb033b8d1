"""Run all programs in one process, and print the JSON object of their names and what they print.

The argument says how: ``official``, with the official SDK; ``renamed``, with this package's name in all imports;
``installed``, unchanged, after `twelvelabs_async.install_as_twelvelabs`.
"""

import io
import json
import re
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path


def output(path: Path, *, renamed: bool) -> str:
    """Return what a program prints, and its traceback if it fails."""
    source = path.read_text()
    if renamed:
        source = re.sub(r"\btwelvelabs\b(?!_)", "twelvelabs_async", source)
    with redirect_stdout(io.StringIO()) as stdout:
        try:
            exec(compile(source, str(path), "exec"), {"__name__": "__main__", "__file__": str(path)})
        except Exception:
            traceback.print_exc(file=stdout)
    return stdout.getvalue().replace("twelvelabs_async", "twelvelabs")


def main(way: str) -> None:
    """Print what the programs print."""
    if way == "installed":
        import twelvelabs_async

        twelvelabs_async.install_as_twelvelabs()
    programs = sorted(path for path in Path(__file__).parent.glob("*.py") if path.name != "__main__.py")
    print(json.dumps({path.stem: output(path, renamed=way == "renamed") for path in programs}))


main(sys.argv[1])
