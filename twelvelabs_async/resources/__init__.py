"""One small module for each REST resource: which URL, which fields, which model."""
