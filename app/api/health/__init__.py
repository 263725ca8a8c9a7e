"""Health of the site, and the description of the API."""
