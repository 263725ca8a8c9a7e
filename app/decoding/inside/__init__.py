"""What runs in the processes that read files from outside; nothing else of the application may import it."""
