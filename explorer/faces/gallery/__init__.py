"""The people who are enrolled: in memory, or kept on this computer, encrypted."""
