"""Run the command line: ``python -m twelvelabs_async``."""

from .cli import main

if __name__ == "__main__":
    main()
