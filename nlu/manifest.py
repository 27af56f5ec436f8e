"""What an adapter is made of and made for, as its manifest says."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from torch import Tensor

from amends.errors import AmendsError
from nlu.assessment import Probability, Similarity
from nlu.heads import SERVED_HEADS, HeadSpec

MANIFEST_FILE = "manifest.json"

Method = Literal["lora", "rslora", "dora", "adalora", "head_only", "full"]
"""How the encoder was changed: by low-rank weights of a kind, not at all, or as a whole."""


class AdapterError(AmendsError):
    """An adapter cannot be used; the message says why and what to do."""


class Thresholds(BaseModel):
    """Decision thresholds, all chosen from data by the training script.

    Attributes:
        severity: A negative message this severe goes to a person.
        similarity: Below this a message is about no category (`other`).
        margin: So much closer must the best category be than the `other` examples.
        encoder: The sentence encoder for which similarity and margin were chosen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    severity: Probability
    similarity: Similarity
    margin: Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
    encoder: str


# Before any threshold is chosen nothing may be escalated by score, and no category be found.
UNSET = Thresholds(severity=1.0, similarity=1.0, margin=0.0, encoder="")

Temperature = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Shift = Annotated[float, Field(allow_inf_nan=False)]


class Manifest(BaseModel):
    """What an adapter is made of and made for.

    Attributes:
        name: Name of the folder that it was written to.
        version: 12 hexadecimal digits of a hash of all trained weights.
        base_model: Hub id or folder of the base.
        base_sha256: Of the base's weights.
        languages: In which the labelled texts are, two letters each.
        method: How the encoder was changed.
        heads: What each head says, by name.
        temperatures: What the logits of a head are divided by before they become probabilities
            (Guo et al. 2017, https://arxiv.org/abs/1706.04599, eq. 9); 1 where none is given.
        shifts: What is then added to each of them (Alexandari et al. 2020,
            https://arxiv.org/abs/1901.06852, section 3); 0 where none is given.
        thresholds: Chosen from data.
        data_sha256: Of each file of labels.
        training: How it was trained.
        metrics: What it reached on rows that it was not made from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    base_model: str
    base_sha256: str
    # Adapters older than this field were all trained on English.
    languages: tuple[str, ...] = ("en",)
    method: Method = "lora"
    heads: dict[str, HeadSpec]
    temperatures: dict[str, Temperature] = Field(default_factory=dict)
    # Adapters older than this field have none.
    shifts: dict[str, tuple[Shift, ...]] = Field(default_factory=dict)
    thresholds: Thresholds
    data_sha256: dict[str, str]
    training: dict[str, Any]
    metrics: dict[str, Any]

    @model_validator(mode="after")
    def _shifts_fit_heads(self) -> Self:
        for head, shift in self.shifts.items():
            outputs = self.heads[head].outputs if head in self.heads else 0
            if len(shift) != outputs:
                raise ValueError(f"expected {outputs} shifts of {head}, found {len(shift)}")
        return self

    def calibrated(self, head: str, logits: Tensor) -> Tensor:
        """What a head says, made to mean what it says: (rows, outputs) to the same shape."""
        warm = logits / self.temperatures.get(head, 1.0)
        return warm + warm.new_tensor(self.shifts.get(head, (0.0,)))


def read_manifest(folder: Path) -> Manifest:
    """Read and validate an adapter's manifest.

    Raises:
        AdapterError: there is none, or it is not valid.
    """
    path = folder / MANIFEST_FILE
    try:
        return Manifest.model_validate_json(path.read_text("utf-8"))
    except OSError as error:
        raise AdapterError(
            f"adapter {folder}: expected {MANIFEST_FILE}, found none ({error.strerror}). "
            "Set AMENDS_ADAPTER to a folder that `amends train` wrote."
        ) from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise AdapterError(
            f"adapter {folder}: expected a valid {MANIFEST_FILE}, found: {_told(error)}. "
            "Train the adapter again with `amends train`."
        ) from error


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Put a manifest into an adapter's folder, whole or not at all."""
    draft = folder / f"{MANIFEST_FILE}.draft"
    draft.write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    draft.replace(folder / MANIFEST_FILE)


def check_base(manifest: Manifest, folder: Path, found_sha256: str) -> None:
    """Refuse an adapter that was made for another base.

    Raises:
        AdapterError: the base's weights are not those that the adapter was trained on.
    """
    if manifest.base_sha256 != found_sha256:
        raise AdapterError(
            f"adapter {folder}: expected the base {manifest.base_model} with sha256 "
            f"{manifest.base_sha256}, found sha256 {found_sha256}. Set AMENDS_BASE_MODEL to that "
            "base, or train an adapter for this one with `amends train`."
        )


def check_languages(manifest: Manifest, folder: Path, languages: Collection[str]) -> None:
    """Refuse an adapter that was not trained for a language that it is to score.

    Raises:
        AdapterError: a language is not among the adapter's.
    """
    missing = [language for language in languages if language not in manifest.languages]
    if missing:
        raise AdapterError(
            f"adapter {folder}: expected one trained for {', '.join(languages)}, as "
            f"AMENDS_LANGUAGES says, found one for {', '.join(manifest.languages)}. Take "
            f"{', '.join(missing)} out of AMENDS_LANGUAGES, or train an adapter for it with "
            "`amends train`; see docs/languages.md."
        )


def check_served(manifest: Manifest, folder: Path) -> None:
    """Refuse an adapter that lacks a head which the assistant reads.

    Raises:
        AdapterError: a head is missing or says something else.
    """
    for name, spec in SERVED_HEADS.items():
        found = manifest.heads.get(name)
        if found != spec:
            raise AdapterError(
                f"adapter {folder}: expected a head {name} with {_described(spec)}, found "
                f"{_described(found)}. Train an adapter with that head with `amends train`."
            )


def _described(spec: HeadSpec | None) -> str:
    if spec is None:
        return "none"
    return f"kind {spec.kind}" + (f" and labels {', '.join(spec.labels)}" if spec.labels else "")


def _told(error: ValidationError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return str(error)
    problems = error.errors()
    named = (f"{'.'.join(map(str, p['loc'])) or 'the file'}: {p['msg']}" for p in problems)
    return "; ".join(named)
