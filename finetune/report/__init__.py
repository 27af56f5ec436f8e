"""What is measured of an adapter, and the page that tells it."""
