"""What is sent for a batch: files and zip files, and the spreadsheet that says what they show."""
