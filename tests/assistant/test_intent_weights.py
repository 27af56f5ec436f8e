import numpy as np
import pytest

from assistant.components.intent_weights import IntentWeights

VECTORS = np.repeat(np.eye(3), 4, axis=0) + np.linspace(0, 0.1, 36).reshape(12, 3)
NAMES = [name for name in ("greet", "complaint", "thank") for _ in range(4)]


def test_what_was_saved_answers_as_what_was_fitted(tmp_path):
    fitted = IntentWeights.fit(VECTORS, NAMES, "abc", 20.0)
    fitted.save(tmp_path / "w.npz")
    loaded = IntentWeights.load(tmp_path / "w.npz")
    assert loaded.encoder == "abc"
    assert (loaded.probabilities(VECTORS) == fitted.probabilities(VECTORS)).all()
    guessed = loaded.intents[loaded.probabilities(VECTORS).argmax(axis=1)]
    assert guessed.tolist() == NAMES


def test_probabilities_are_those_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=20.0, max_iter=1000, tol=1e-3, class_weight="balanced")
    model.fit(VECTORS, NAMES)
    ours = IntentWeights.fit(VECTORS, NAMES, "abc", 20.0).probabilities(VECTORS * 50)
    assert ours == pytest.approx(model.predict_proba(VECTORS * 50))


def test_pickled_arrays_are_refused(tmp_path):
    objects = np.array([{"runs": "code"}], dtype=object)
    np.savez(tmp_path / "w.npz", intents=objects, weights=objects, bias=objects, encoder=objects)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        IntentWeights.load(tmp_path / "w.npz")


@pytest.mark.parametrize(
    ("names", "found"), [(["greet"] * 12, "found 1 (greet)"), ([], "found 0 (none)")]
)
def test_too_few_intents_are_refused(names, found):
    with pytest.raises(ValueError, match="expected at least 3 intents") as error:
        IntentWeights.fit(VECTORS[: len(names)], names, "abc", 20.0)
    assert found in str(error.value)
    assert "assistant/data/nlu" in str(error.value)
