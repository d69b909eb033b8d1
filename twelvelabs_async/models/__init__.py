"""What the API sends and takes, as plain attrs classes: one module per resource."""
