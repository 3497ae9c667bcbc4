"""What the pages call the figures of metrics, and what each means in a few words."""

FIGURES = {
    "auc": ("AUC", "a same pair scores above a different one"),
    "average_precision": ("Average precision", "precision, averaged over recall"),
    "accuracy": ("Accuracy", "pairs called right"),
    "balanced_accuracy": ("Balanced accuracy", "mean of both classes’ share called right"),
    "precision": ("Precision", "of those called same, are same"),
    "recall": ("Recall", "of the same, are found"),
    "false_accept_rate": ("False accept rate", "of the different, are called same"),
    "f1": ("F1", "harmonic mean of precision and recall"),
    "mcc": ("MCC", "correlation of call and truth, −1 to 1"),
    "eer": ("Equal error rate", "both kinds of error alike, at another threshold"),
    "brier": ("Brier score", "squared error of the probability, less is better"),
    "log_loss": ("Log loss", "surprise at the truth, less is better"),
    "ece": ("Calibration error", "how far probabilities are from shares, less is better"),
    "tar_at_far_1e-1": ("Found at 10% false accepts", "recall at the lowest such threshold"),
    "tar_at_far_1e-2": ("Found at 1% false accepts", "recall at the lowest such threshold"),
    "tar_at_far_1e-3": ("Found at 0.1% false accepts", "recall at the lowest such threshold"),
    "min_dcf": ("minDCF", "NIST’s detection cost where 1 in 100 is same, less is better"),
    "cllr": ("Cllr", "cost of the likelihood ratios in bits, less is better"),
}

Row = tuple[str, str, str]


def rows(*keys: str) -> list[Row]:
    """Key, name and meaning of some figures."""
    return [(key, *FIGURES[key]) for key in keys]
