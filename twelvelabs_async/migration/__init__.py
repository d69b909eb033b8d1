"""Migration of programs from the official SDK: ``python -m twelvelabs_async migrate``."""
