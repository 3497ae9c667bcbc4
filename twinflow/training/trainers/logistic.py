"""The fit of head `logistic`."""

from typing import Any

import numpy as np
from keras import ops

from twinflow.training.trainer import SolvedTrainer

STRENGTHS = tuple(10.0**power for power in (-4, -3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0))
"""scikit-learn's C, from the strongest penalty to the weakest."""


class LogisticTrainer(SolvedTrainer):
    """An epoch is a step along `STRENGTHS`: the members of each are solved for, beginning from the step before."""

    most = len(STRENGTHS)

    def __init__(self, *given: Any) -> None:
        from sklearn.linear_model import LogisticRegression

        super().__init__(*given)
        scorer = self.network.scorer
        self.features = ops.convert_to_numpy(scorer.standardised(self.pairs.left, self.pairs.right))
        self.models = [LogisticRegression(max_iter=5000, warm_start=True) for _ in self.trains]

    def train(self, number: int) -> None:
        """Solve for every member at the penalty of step `number`."""
        from threadpoolctl import threadpool_limits

        label, dense = self.pairs.known_label, self.network.scorer.dense
        with threadpool_limits(1):  # on cores that others use too, its threads mostly wait for each other
            for model, rows, weights in zip(self.models, self.trains, self.weights, strict=True):
                model.set_params(C=STRENGTHS[number - 1])
                model.fit(self.features[rows], label[rows], sample_weight=weights[rows])
        dense.kernel.assign(np.stack([model.coef_.T for model in self.models]))
        dense.bias.assign(np.stack([model.intercept_[None] for model in self.models]))
