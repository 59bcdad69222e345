"""From a recipe to a model: the loop, what it saves, and how it is judged."""
