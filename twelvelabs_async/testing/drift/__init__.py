"""Drift: differences between the service and the emulator, found by one conversation with both of them."""
