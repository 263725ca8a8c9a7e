"""What other systems can read of a test, and what is sent to them."""
