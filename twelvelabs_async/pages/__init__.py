"""Pages to look at: one HTML file with pictures, players and a filter, which needs nothing else."""
