"""Publishes an adapter if it is nowhere worse than the one in use."""

import re
from collections.abc import Callable
from pathlib import Path

from amends.errors import AmendsError
from finetune.gate import Comparison, Figures, Tolerances, compare
from finetune.registry import Registry, content_sha256
from nlu.adapter_in_use import VERSION_PATTERN
from nlu.manifest import AdapterError, check_served, read_manifest

Measure = Callable[[Path], Figures]


class RefusedError(AmendsError):
    """A new adapter is worse than the one in use.

    Attributes:
        comparisons: Every measure of both.
    """

    def __init__(self, version: str, in_use: str, comparisons: list[Comparison]) -> None:
        failed = [row.measure for row in comparisons if not row.passed]
        super().__init__(
            f"{version}: expected no measure to fall more than its tolerance under {in_use}, the "
            f"adapter in use; found {len(failed)} that does: {', '.join(failed)}. {in_use} stays "
            "in use. Train again, or give other --tolerances if you can bear the fall."
        )
        self.comparisons = comparisons


def publish(
    run: Path, registry: Registry, measure: Measure, tolerances: Tolerances
) -> list[Comparison]:
    """Measure an adapter and the one in use; keep the new one and put it in use if it may be.

    Args:
        run: Folder of the new adapter.
        registry: Where published adapters are kept.
        measure: Loads an adapter, measures it, always on the same rows, by name of measure and
            slice; raises an AdapterError for one that cannot be used.
        tolerances: How far each measure may fall.

    Returns:
        Every measure of both.

    Raises:
        AdapterError: one of the two adapters cannot be used.
        RefusedError: a measure fell too far.
        RegistryError: it cannot be kept.
    """
    version = version_name(run)
    check_served(read_manifest(run), run)
    replaces = registry.in_use
    sha256 = content_sha256(run)
    _refuse_same(version, run, registry.folder_of(replaces), sha256)
    # The new one first: it is likelier to be broken.
    new = measure(run)
    comparisons = compare(measure(registry.folder_of(replaces)), new, tolerances)
    if not all(row.passed for row in comparisons):
        raise RefusedError(version, replaces, comparisons)
    registry.publish(run, version, sha256, replaces, new)
    return comparisons


def version_name(run: Path) -> str:
    """What an adapter is called when it is published.

    Raises:
        AdapterError: it has no valid manifest, or a name that cannot name a folder.
    """
    manifest = read_manifest(run)
    version = f"{manifest.name}-{manifest.version}"
    if not re.fullmatch(VERSION_PATTERN, version):
        raise AdapterError(
            f"adapter {run}: expected a name of letters, digits, spaces and . + - _, found "
            f"{manifest.name!r}. Train it again with another --output."
        )
    return version


def _refuse_same(version: str, run: Path, in_use: Path, sha256: str) -> None:
    if in_use.is_dir() and content_sha256(in_use) == sha256:
        raise AdapterError(
            f"adapter {run}: expected one that is not in use, found {version}, which is. "
            "Nothing is left to do."
        )
