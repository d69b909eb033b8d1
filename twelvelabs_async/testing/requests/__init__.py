"""Requests: one class per operation, with its types and limits.

Ids of the path are fields as well. A field without a default is required.
"""
