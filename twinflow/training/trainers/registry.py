"""The registry of trainers: what fits the weights of each head, where it is not gradient descent on rows."""

from twinflow.training.gradient_trainer import GradientTrainer
from twinflow.training.trainer import MakeTrainer, SolvedTrainer
from twinflow.training.trainers.anchored import AnchoredTrainer
from twinflow.training.trainers.boosting import BoostingTrainer
from twinflow.training.trainers.logistic import LogisticTrainer
from twinflow.training.trainers.ranking import RankingTrainer

TRAINERS: dict[str, MakeTrainer] = {
    "anchored": AnchoredTrainer,
    "boosting": BoostingTrainer,
    "cosine": SolvedTrainer,
    "logistic": LogisticTrainer,
    "ranking": RankingTrainer,
}


def trainer_of(head: str) -> MakeTrainer:
    """What fits the weights of a head."""
    return TRAINERS.get(head, GradientTrainer)
