"""The inspector at the right: what is selected, its settings, and how its numbers come about."""
