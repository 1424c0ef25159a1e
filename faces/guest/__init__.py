"""What a guest sees and says of the own face."""
