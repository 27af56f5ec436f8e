"""What the pictures of calibration and of `escalate` show."""

import numpy as np
from sklearn.metrics import precision_recall_curve

from finetune.calibration import bins, error_by_chance, expected_calibration_error
from finetune.report.decisions import confidence
from finetune.report.measured import Measured
from finetune.report.model import Escalation, Operating, Reliability
from finetune.report.rows import Rows
from finetune.report.served import Escalation as Called
from finetune.thresholds import PRECISION


def reliabilities(measured: Measured) -> tuple[Reliability, ...]:
    """Every source and head with probabilities, before and after calibration."""
    return tuple(_reliability(measured, rows) for rows in measured.judged)


def _reliability(measured: Measured, rows: Rows) -> Reliability:
    pairs = [
        confidence(rows.spec, measured.scored.outputs(rows, calibrated=calibrated), rows.truth)
        for calibrated in (False, True)
    ]
    manifest = measured.subject.manifest
    before, after = (tuple(bins(*pair)) for pair in pairs)
    errors = [expected_calibration_error(*pair) for pair in pairs]
    return Reliability(
        name=rows.name,
        temperature=manifest.temperatures.get(rows.head, 1.0),
        shift=manifest.shifts.get(rows.head, (0.0,)),
        before=before,
        after=after,
        error_before=errors[0],
        error_after=errors[1],
        by_chance=error_by_chance(pairs[1][0]),
        rows=len(rows.texts),
    )


def escalation(called: Called, threshold: float) -> Escalation:
    """What every threshold of severity would give, and which one was chosen.

    Args:
        called: Who should go to a person, and how severe their messages are.
        threshold: The chosen one.
    """
    precision, recall, cuts = precision_recall_curve(called.truth, called.severity)
    # The last point, where nobody is called, has no threshold.
    points = zip(cuts, recall, precision, strict=False)
    return Escalation(
        threshold=threshold,
        least_precision=PRECISION,
        curve=tuple(
            Operating(threshold=float(cut), recall=float(found), precision=float(right))
            for cut, found, right in points
        ),
        urgent=int(np.sum(called.truth)),
        rows=len(called.truth),
    )
