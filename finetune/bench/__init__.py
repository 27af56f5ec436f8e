"""Measures the script on public sets, by the protocols of the papers."""
