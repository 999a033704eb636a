"""Turn a notebook into a pipeline: right, or refused."""
