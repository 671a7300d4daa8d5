"""`python -m tfkws` is `tfkws`."""

from tfkws.cli import app

app()
