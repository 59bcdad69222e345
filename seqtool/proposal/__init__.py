"""A recipe from data: looks at files, guesses columns, task and languages, splits off valid and test, and writes the recipe."""
