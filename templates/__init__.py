"""What the shopper reads: reply templates by language, and the code that picks one."""

from templates.replies import Replies, Reply, Situation, last_words
from templates.wordings import Kind, TemplateError

__all__ = ["Kind", "Replies", "Reply", "Situation", "TemplateError", "last_words"]
