"""Load: a clinic's day, asked of the site as it is run; what it answers in which time, and what its processes take."""
