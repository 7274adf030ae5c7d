"""What the tests share: a service over real servers, and stand-ins for models."""
