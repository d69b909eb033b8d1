"""Helpers of the tests: servers, clocks, strategies for Hypothesis, and the official SDK as the reference."""
