"""The web channel: how the widget on a shop's page talks to Rasa. See README.md."""
