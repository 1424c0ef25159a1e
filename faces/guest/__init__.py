"""What a guest sees and says of their own face."""
