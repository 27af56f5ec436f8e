"""What the shopper reads: reply templates by language, and the code that picks one."""

from templates.buttons import ButtonTitles
from templates.kinds import Kind
from templates.replies import Replies, Reply, Situation, last_words
from templates.wordings import TemplateError

__all__ = ["ButtonTitles", "Kind", "Replies", "Reply", "Situation", "TemplateError", "last_words"]
