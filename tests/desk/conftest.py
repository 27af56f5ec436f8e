"""The desk over databases of the tests' own."""
