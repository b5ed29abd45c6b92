"""The native AWS provider."""
