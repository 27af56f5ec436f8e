"""`python -m amends`, which `accelerate launch -m amends` starts."""

from amends.cli import app

app()
