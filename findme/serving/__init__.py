"""What answers requests: the web server, its processes and their connections."""
