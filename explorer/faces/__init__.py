"""Faces: found, aligned, encoded and compared, all on this computer."""
