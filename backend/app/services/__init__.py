"""What the product does, one recipe a method."""
