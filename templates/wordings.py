"""Reads the folder of reply templates and refuses one that could fail in front of a shopper."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, get_args

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from amends.errors import AmendsError
from nlu.assessment import OTHER, Intensity, Polarity
from templates.kinds import FACTS, Kind

ENGLISH = "en"
ANY = "any"
FEWEST_WORDINGS = 2

_LANGUAGE = re.compile(r"[a-z]{2}")
_BLOCK = re.compile(
    rf"(?P<group>(?:{'|'.join(Polarity)})(?:_(?:{'|'.join(Intensity)}))?|{ANY})_[1-9]\d*"
)

Group: TypeAlias = tuple[str, str, str]
"""Language, page (`greeting`, `answer/delivery`), group (`negative_strong`, `negative`, `any`)."""


class TemplateError(AmendsError):
    """A template cannot be used; the message says which, where in it and what to do."""


@dataclass(frozen=True)
class Wording:
    """One way to say something: one block of one template file.

    Attributes:
        id: `language/page#block`, the same in every run.
        where: File and line, for messages to whoever edits it.
        kind: What it is for.
        group: What it is chosen by.
    """

    id: str
    where: str
    kind: str
    group: Group
    _template: Template
    _block: Callable[[Context], Iterator[str]]

    def fill(self, facts: Mapping[str, str]) -> str:
        """The text with the facts in place and each run of blanks made one space.

        Raises:
            TemplateError: a fact is missing, an expression fails, or nothing is left to say.
        """
        try:
            pieces = list(self._block(self._template.new_context(dict(facts))))
        # An expression in a template can raise anything, and each means the same: not usable.
        except Exception as error:
            raise TemplateError(
                f"{self.where}: block {self.id.partition('#')[2]!r} cannot be filled: {error}. "
                f"A reply of kind {self.kind!r} may use these facts, and must be given each that "
                f"it uses: {', '.join(FACTS.get(self.kind, ())) or 'none'}."
            ) from error
        text = " ".join("".join(pieces).split())
        if not text:
            raise TemplateError(f"{self.where}: the block says nothing. Write words in it.")
        return text


def load_wordings(folder: Path) -> dict[Group, list[Wording]]:
    """Compile and try every template under `folder`, and group the wordings.

    Raises:
        TemplateError: a file cannot be used, or English does not cover every situation.
    """
    environment = _environment()
    loaded: dict[Group, list[Wording]] = {}
    for path in sorted(folder.rglob("*.j2")):
        for wording in _wordings(environment, folder, path):
            loaded.setdefault(wording.group, []).append(wording)
    for wordings in loaded.values():
        _refuse_too_few(wordings)
    _refuse_gaps(folder, loaded)
    return loaded


def _environment() -> Environment:
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        # This is chat text, not HTML: the widget escapes what it shows, and escaping here too would
        # show shoppers `&#39;`. A shopper's text comes in as a variable only and is never compiled.
        autoescape=False,
    )


def _wordings(environment: Environment, folder: Path, path: Path) -> Iterator[Wording]:
    language, page = _place(folder, path)
    template, blocks = _compile(environment, path)
    kind = page.partition("/")[0]
    for block in blocks:
        where = f"{path}, line {block.lineno}"
        match = _BLOCK.fullmatch(block.name) or _refuse_block(where, block.name)
        wording = Wording(
            id=f"{language}/{page}#{block.name}",
            where=where,
            kind=kind,
            group=(language, page, match["group"]),
            _template=template,
            _block=template.blocks[block.name],
        )
        wording.fill({name: name for name in FACTS.get(kind, ())})
        yield wording


def _place(folder: Path, path: Path) -> tuple[str, str]:
    language, _, page = path.relative_to(folder).with_suffix("").as_posix().partition("/")
    kind, _, category = page.partition("/")
    simple = kind in get_args(Kind) and kind != "answer" and not category
    answer = kind == "answer" and category and "/" not in category
    if _LANGUAGE.fullmatch(language) and (simple or answer):
        return language, page
    kinds = ", ".join(kind for kind in get_args(Kind) if kind != "answer")
    raise TemplateError(
        f"{path}: no reply is ever taken from this file. Expected <language>/<kind>.j2 or "
        f"<language>/answer/<category>.j2 with a language of two letters and a kind among "
        f"{kinds}. Rename or move the file."
    )


def _compile(environment: Environment, path: Path) -> tuple[Template, list[nodes.Block]]:
    try:
        tree = environment.parse(path.read_text(encoding="utf-8"), path.name, str(path))
        _refuse_strays(path, tree)
        code = environment.compile(tree, path.name, str(path))
    except TemplateSyntaxError as error:
        raise TemplateError(
            f"{path}, line {error.lineno}: {str(error.message).rstrip('.')}. Correct the template "
            "there or just above."
        ) from error
    except UnicodeDecodeError as error:
        raise TemplateError(
            f"{path}: expected UTF-8, found the byte {error.object[error.start]:#x} at position "
            f"{error.start}. Save the file as UTF-8."
        ) from error
    # No globals: a reply needs its facts and nothing else.
    template = environment.template_class.from_code(environment, code, {})
    return template, list(tree.find_all(nodes.Block))


def _refuse_strays(path: Path, tree: nodes.Template) -> None:
    for node in tree.body:
        if not isinstance(node, nodes.Block) and not _is_blank(node):
            raise TemplateError(
                f"{path}, line {node.lineno}: found text or code outside a block, which no shopper "
                f"would ever read. Put it between {{% block {ANY}_1 %}} and {{% endblock %}}, or "
                "in a comment {# ... #}."
            )


def _is_blank(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Output) and all(
        isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
    )


def _refuse_block(where: str, name: str) -> re.Match[str]:
    raise TemplateError(
        f"{where}: unknown block name {name!r}. Expected <polarity>_<intensity>_<n>, "
        f"<polarity>_<n> or {ANY}_<n>, with a polarity among {', '.join(Polarity)}, an intensity "
        f"among {', '.join(Intensity)} and n = 1, 2, 3 and so on. Rename the block."
    )


def _refuse_too_few(wordings: list[Wording]) -> None:
    if len(wordings) < FEWEST_WORDINGS:
        only = wordings[0]
        name, _, number = only.id.partition("#")[2].rpartition("_")
        raise TemplateError(
            f"{only.where}: {only.id!r} is the only wording of {name!r} in this file; "
            f"expected {FEWEST_WORDINGS} or more, so that a shopper never reads the same words "
            f"twice in a row. Add a block, such as {name}_{int(number) + 1}."
        )


def _refuse_gaps(folder: Path, loaded: Mapping[Group, list[Wording]]) -> None:
    pages = [kind if kind != "answer" else f"answer/{OTHER}" for kind in get_args(Kind)]
    for page in pages:
        for polarity in Polarity:
            if not {(ENGLISH, page, polarity.value), (ENGLISH, page, ANY)} & loaded.keys():
                raise TemplateError(
                    f"{folder / ENGLISH / page}.j2: no English wording for a {polarity.value} "
                    f"message, and every language falls back to this file. Add the blocks "
                    f"{ANY}_1 and {ANY}_2, or {polarity.value}_1 and {polarity.value}_2."
                )
