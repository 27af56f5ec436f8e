"""The figures of an adapter, on rows that it was neither trained nor tuned on."""

from collections.abc import Sequence

from finetune.report.behaviour import Check, behaviour
from finetune.report.decisions import Figures
from finetune.report.measured import Measured
from finetune.report.model import Slice


def evaluate(measured: Measured) -> Figures:
    """Every figure by which adapters are compared, and nothing else; see `figures_of`.

    Args:
        measured: The adapter on the test rows.
    """
    slices = measured.slices(only_shop=True)
    return figures_of(measured, slices, behaviour(measured.scored))


def figures_of(measured: Measured, slices: Sequence[Slice], checks: Sequence[Check]) -> Figures:
    """The figures by which adapters are compared.

    Args:
        measured: The adapter on the test rows.
        slices: Of them; those that are not gated are left out.
        checks: Of its behaviour.

    Returns:
        By name, in the order in which they are read: of the assistant as it serves, of every
        source and head, calibration errors, slices, behaviour. More is better, but for errors.
    """
    return {
        **measured.whole,
        **measured.calibration_errors(),
        **{one.title: one.figure for one in slices if one.gated},
        **{check.name: check.figure for check in checks},
    }
