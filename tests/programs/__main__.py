"""Run all programs in one process, and print the JSON object of their names and what they print.

The first argument is the JSON object of the programs' names and the URLs of their emulators. The second one says how:
``official``, with the official SDK; ``renamed``, with this package's name in all imports; ``installed``, unchanged,
after `twelvelabs_async.install_as_twelvelabs`.
"""

import io
import json
import os
import re
import sys
import traceback
from contextlib import redirect_stdout
from pathlib import Path


def output(path: Path, url: str, *, renamed: bool) -> str:
    """Return what a program prints, and its traceback if it fails."""
    os.environ["URL"] = url
    source = path.read_text()
    if renamed:
        source = re.sub(r"\btwelvelabs\b(?!_)", "twelvelabs_async", source)
    with redirect_stdout(io.StringIO()) as stdout:
        try:
            exec(compile(source, str(path), "exec"), {"__name__": "__main__", "__file__": str(path)})
        except Exception:
            traceback.print_exc(file=stdout)
    return stdout.getvalue().replace("twelvelabs_async", "twelvelabs")


def main(urls: dict[str, str], way: str) -> None:
    """Print what the programs print."""
    if way == "installed":
        import twelvelabs_async

        twelvelabs_async.install_as_twelvelabs()
    folder = Path(__file__).parent
    print(json.dumps({name: output(folder / f"{name}.py", urls[name], renamed=way == "renamed") for name in urls}))


main(json.loads(sys.argv[1]), sys.argv[2])
