"""Does aldia read published files as they are? `run` holds its own answers against the reference beside the files."""
