"""What a person looks at: the report of a run, and maps of where a model looks."""
