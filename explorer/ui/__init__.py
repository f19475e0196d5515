"""The window: everything that imports Qt, apart from the task runner and the camera."""
