"""What changed in a pipeline, in the words of its author."""
