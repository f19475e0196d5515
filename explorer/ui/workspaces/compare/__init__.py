"""Compare: any two networks side by side, and all of them against their errors."""
