"""The history: a person's earlier analyses, searched, sorted, kept as saved filters, and handed out as a table."""
