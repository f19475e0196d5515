"""Small widgets that two workspaces share."""
