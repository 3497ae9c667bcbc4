"""The questions a person asks of the systems, answered by rules over the figures of a comparison."""

from dataclasses import asdict, dataclass

from twinflow.evaluation.comparison.figures import Figures, difference_text, listed
from twinflow.evaluation.overfitting import extent
from twinflow.statistics.numbers import count, interval, number
from twinflow.system.json_files import Document

UNANSWERED = "Not answered"
DENSE = (
    "euclidean",
    "euclidean-dropout",
    "euclidean-margin",
    "euclidean-linear",
    "wide",
    "l1-sigmoid",
    "l1-logits",
    "l1-contrastive",
)


@dataclass(frozen=True)
class Answer:
    """A question and what the figures say.

    Args:
        question: as a person asks it.
        verdict: a few words.
        text: sentences, with the numbers they rest on.
        needs: the systems that have to be fitted for an answer, where there is none for lack of them.
    """

    question: str
    verdict: str
    text: str
    needs: tuple[str, ...] = ()


def answers(compared: Document) -> list[Document]:
    """Every question with its answer, in reading order, JSON-able.

    Args:
        compared: what `compare` returns.
    """
    found = Figures(compared)
    given = [
        dense(found),
        _either(
            found,
            "Euclidean distance or absolute difference?",
            ("euclidean", "Euclidean distance"),
            ("l1-contrastive", "absolute difference"),
            "Both under contrastive loss",
            ("euclidean", "l1-sigmoid"),
        ),
        _either(
            found,
            "Contrastive loss or cross-entropy?",
            ("l1-contrastive", "contrastive loss"),
            ("l1-logits", "cross-entropy"),
            "Both on the absolute difference",
            ("euclidean", "l1-logits"),
        ),
        _helps(
            found, "Does cross-entropy on logits help, instead of on a sigmoid’s output?", "l1-logits", "l1-sigmoid"
        ),
        _helps(found, "Does a larger margin help?", "euclidean-margin", "euclidean"),
        _helps(found, "Does a linear last layer help?", "euclidean-linear", "euclidean-margin"),
        _helps(found, "Do more parameters help?", "wide", "euclidean"),
        _helps(found, "Does more dropout help?", "euclidean-dropout", "euclidean"),
        overfitting(found),
        more_rows(found),
    ]
    return [asdict(answer) for answer in given]


def headline(compared: Document) -> str:
    """Which system to use, in a few words."""
    return f"Use {compared['recommended']}"


def recommendation(compared: Document) -> list[str]:
    """Why that one, and how sure it is: sentences."""
    found = Figures(compared)
    name = compared["recommended"]
    system = found.systems[name]
    unseen = number(system["validation"]["auc"]["mean"])
    systems = count(len(found.systems), "system")
    chosen = f"Of {systems}, {name} ranks the validation rows best, with an AUC of {unseen}; the test file had no say."
    if compared["best"] is None:
        return [chosen, found.undefined]
    rest = len(found.systems) - 1
    if not rest:
        return [chosen, f"On the test file its AUC is {found.auc(name)}."]
    behind = [other for other in found.systems if other != name and found.compared(name, other) == "better"]
    ahead = [other for other in found.systems if other != name and found.compared(name, other) == "worse"]
    ties = [other for other in found.systems if other != name and other not in (*behind, *ahead)]
    test = f"On the test file its AUC is {found.auc(name)}, surely above {len(behind)} of the {count(rest, 'other')}"
    if ahead:
        test += f" and surely below {listed(ahead)}"
    return [chosen, f"{test}." + (f" It can’t be told apart from {listed(ties)}." if ties else "")]


def dense(found: Figures) -> Answer:
    """Whether the best Dense network is worth more than what needs no network."""
    question, name = "Is a Dense network right for these vectors?", found.best_of(DENSE)
    simple = [other for other in ("cosine", "logistic") if other in found.systems]
    if name is None or not simple:
        why = "It takes a Dense network, and cosine or logistic to hold it against."
        return _unanswered(question, why, (name or "euclidean", *(simple or ["cosine"])))
    if not found.judged:
        return _unanswered(question, found.undefined)
    against = {other: found.compared(name, other) for other in simple}
    if "worse" in against.values():
        verdict = {
            ("worse", "worse"): "No: cosine and a linear model do better",
            ("better", "worse"): "Better than cosine, but a linear model does better still",
            ("alike", "worse"): "No: a linear model does better, and untrained cosine does as well",
            ("worse", "better"): "Not this one: untrained cosine does better",
            ("worse", "alike"): "No: untrained cosine does better",
        }.get((against.get("cosine", ""), against.get("logistic", "")))
        verdict = verdict or (
            "No: untrained cosine does better" if "cosine" in against else "No: a linear model does better"
        )
    elif set(against.values()) == {"better"}:
        verdict = "Yes"
    else:
        verdict = f"It gains nothing sure over {listed([other for other in simple if against[other] == 'alike'])}"
    text = [f"The Dense network that ranks the validation rows best is {name}; its test AUC is {found.auc(name)}."]
    titles = {"cosine": "Plain cosine, untrained, reaches", "logistic": "A linear model (logistic) reaches"}
    text += [
        f"{titles[other]} {found.auc(other)}: {name} is {_word(against[other])}, {found.difference(name, other)}."
        for other in simple
    ]
    if "anchored" in found.systems:
        than = _than(found.compared("anchored", name))
        text.append(
            f"A network that starts as cosine (anchored) reaches {found.auc('anchored')}: it is {than} {name}, "
            f"{found.difference('anchored', name)}."
        )
    return Answer(question, verdict, " ".join(text))


def overfitting(found: Figures) -> Answer:
    """Whether the kept weights know rows they have seen better than others."""
    question = "Is it overfitting?"
    asked = [name for name in ("euclidean", found.compared_document["recommended"]) if name in found.systems]
    names = [name for name in dict.fromkeys(asked) if found.systems[name]["parameters"]]
    if not names:
        return _unanswered(question, "No system was fitted that learns anything from rows.", ("euclidean",))
    states = {name: extent(found.systems[name]["overfitting"]) for name in names}
    words = {"much": "yes", "little": "a little", "none": "no"}
    verdict = "; ".join(f"{name}: {words[states[name]]}" for name in names)
    text = " ".join(_overfitting_text(name, found.systems[name]["overfitting"]) for name in names)
    both = "Seen and unseen rows are both scored by one member with dropout off, so the two can be compared."
    return Answer(question, verdict[0].upper() + verdict[1:], f"{text} {both}")


def more_rows(found: Figures) -> Answer:
    """Whether the last doubling of the rows raised the test AUC."""
    question, curve = "Would more rows help?", found.compared_document["learning_curve"]
    if curve is None:
        return _unanswered(question, "No system was fitted on shares of the rows.", ("anchored",))
    ends = curve["from_half"]["interval"]
    if ends is None:
        return _unanswered(question, found.undefined)
    rows = {point["share"]: point for point in curve["points"]}
    reached = ", ".join(f"{point['rows']:,} rows {number(point['auc']['mean'])}" for point in curve["points"])
    half, whole = (f"{rows[share]['rows']:,}" for share in (0.5, 1.0))
    text = (
        f"Test AUC of {curve['system']} by training rows: {reached}. From {half} to {whole} rows it changed by "
        f"{difference_text(curve['from_half'])}"
    )
    if ends[0] > 0:
        return Answer(question, "Likely, yes", f"{text}; the next doubling may bring as much, or somewhat less.")
    verdict = "No sign of it" if ends[1] >= 0 else "No: it got worse"
    return Answer(question, verdict, f"{text}, so the last doubling brought nothing that is sure.")


def _either(
    found: Figures,
    question: str,
    first: tuple[str, str],
    second: tuple[str, str],
    controlled: str,
    as_asked: tuple[str, str],
) -> Answer:
    """Two ways that exclude each other: where only they differ, and between the systems people build of them."""
    (a, name_a), (b, name_b) = first, second
    if missing := found.missing(a, b):
        return _unanswered(question, missing, (a, b) if found.judged else ())
    winner = {"better": name_a, "worse": name_b, "alike": "it makes no sure difference"}[found.compared(a, b)]
    text = f"{controlled}, {name_a} ({a}) reaches a test AUC of {found.auc(a)}, {name_b} ({b}) {found.auc(b)}: "
    text += f"a difference of {found.difference(a, b)}."
    if not found.missing(*as_asked):
        one, other = as_asked
        text += (
            f" As systems people build, {one} ({found.auc(one)}) is {_than(found.compared(one, other))} {other} "
            f"({found.auc(other)}), {found.difference(one, other)}."
        )
    if "l1-contrastive" in (a, b):
        text += " The output of l1-contrastive is no distance: it can go negative, where the loss makes no sense."
    return Answer(question, winner[0].upper() + winner[1:], text)


def _helps(found: Figures, question: str, changed: str, plain: str) -> Answer:
    """Two systems that differ in one thing."""
    if missing := found.missing(changed, plain):
        return _unanswered(question, missing, (changed, plain) if found.judged else ())
    verdict = {"better": "Yes", "worse": "No, it hurts", "alike": "No sure difference"}[found.compared(changed, plain)]
    text = (
        f"With it ({changed}) the test AUC is {found.auc(changed)}, without ({plain}) {found.auc(plain)}: "
        f"a difference of {found.difference(changed, plain)}."
    )
    return Answer(question, verdict, text)


def _overfitting_text(name: str, figures: Document) -> str:
    ends = f" (95% interval {interval(figures['interval'])})" if figures["interval"] else ""
    text = (
        f"Rows it was trained on are ranked by {name} with an AUC of {number(figures['seen_auc'])}, rows it was "
        f"not with {number(figures['unseen_auc'])}: a gap of {number(figures['gap'])}{ends}."
    )
    if not figures["turned"]:
        return f"{text} Its validation loss was lowest at the last epoch: it never turned."
    return (
        f"{text} In {figures['turned']} of {count(figures['members'], 'member')} the validation loss turned, at epoch "
        f"{figures['turns']:g} in the median of {figures['stops']:g}; the weights of that epoch are kept."
    )


def _than(compared: str) -> str:
    return {"better": "better than", "worse": "worse than", "alike": "not surely different from"}[compared]


def _word(compared: str) -> str:
    return {"better": "better", "worse": "worse", "alike": "not surely different"}[compared]


def _unanswered(question: str, why: str, needs: tuple[str, ...] = ()) -> Answer:
    return Answer(question, UNANSWERED, why, needs)
