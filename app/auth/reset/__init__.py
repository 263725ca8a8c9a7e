"""Another password for whoever has forgotten it: by a link that is mailed."""
