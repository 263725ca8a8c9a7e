"""What protects every page: headers, the gate, and redirects that stay at home."""
