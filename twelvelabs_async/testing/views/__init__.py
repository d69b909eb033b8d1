"""JSON of the resources."""
