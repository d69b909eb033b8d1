"""How fast the package is, beside the official SDK and bare aiohttp: see README.md."""
