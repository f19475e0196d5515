"""What the mouse does on the canvas, one module a gesture."""
