"""What other systems can read: codes, files to take along, and what is sent to them."""
