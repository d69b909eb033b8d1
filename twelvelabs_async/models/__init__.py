"""Models of requests and responses: plain attrs classes, one module per resource."""
