"""What settings name by its path: static files, mail in files, and what logs leave out."""
