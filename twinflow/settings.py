"""Everything a person can choose about a run, in one model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from twinflow.data.columns import SCORE_COLUMNS, PairColumns
from twinflow.errors import SHOWN_VIOLATIONS, SettingsError
from twinflow.models.heads.registry import HEADS
from twinflow.models.network_settings import Compilation, Loss, NetworkSettings, Optimizer
from twinflow.models.size import (
    LARGEST_BATCH,
    MOST_LAYERS,
    MOST_MEMBERS,
    WIDEST_LAYER,
    WIDEST_SIDE,
    check_size,
)
from twinflow.statistics.numbers import count
from twinflow.statistics.objectives import OBJECTIVES, Prices
from twinflow.system.nearest import meant
from twinflow.system.yaml_files import SHORT, parse_yaml, read_yaml

Share = Annotated[float, Field(gt=0, lt=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[
    float, Field(gt=0, le=1e6, allow_inf_nan=False)
]  # whose square float32 can hold, times what it stands beside
Price = Annotated[float, Field(gt=0, le=1e15)]  # up to which float64 counts every one
ColumnName = Annotated[str, Field(min_length=1, max_length=256)]
if TYPE_CHECKING:
    ObjectiveName = str
else:
    ObjectiveName = Literal[tuple(OBJECTIVES)]

MOST_EPOCHS = 1_000_000  # each leaves a row of history in memory
MOST_RESAMPLES = 100_000  # more make no interval better; all are in memory


class Settings(BaseModel):
    """The settings of a run; unknown keys and combinations that can't work are refused.

    Network settings left at None take the head's own value: `network_settings` gives them as they are in force.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    # The pair file
    side_width: int = Field(
        200, ge=1, le=WIDEST_SIDE, description="numbers a vector; a file has twice as many vector columns"
    )
    prefix: str = Field(
        "v", min_length=1, max_length=64, description="what stands before the number in a vector column's name"
    )
    label: ColumnName = Field("class", description="the label's column: 1 same, 0 different")
    ids: tuple[ColumnName, ...] = Field(
        (), max_length=1000, description="further columns, carried along to the scores unread"
    )

    # Training and validation rows
    validation: Literal["cross-fit", "grouped", "stratified", "positional"] = Field(
        "cross-fit",
        description="cross-fit: every row validates the members that did not see it; "
        "grouped: the same, and no item stands on both sides, as in cross-fit where items link few pairs; "
        "stratified: a random share is held out; positional: the last rows are",
    )
    folds: int = Field(
        5, ge=2, le=MOST_MEMBERS, description="cross-fit and grouped only: folds, and so members of the model"
    )
    validation_share: Share = Field(0.2, description="stratified and positional only: share of the rows held out")
    seed: int = Field(0, ge=0, lt=2**32, description="same seed, same data, same machine: same weights")

    # The network
    head: str = Field("anchored", description="the system: " + ", ".join(HEADS))
    units: tuple[Annotated[int, Field(ge=1, le=WIDEST_LAYER)], ...] | None = Field(
        None,
        max_length=MOST_LAYERS,
        description="widths of the tower's layers; the last is the embedding's",
    )
    embedding_activation: Literal["relu", "gelu", "linear"] | None = Field(
        None, description="activation of the tower's last layer"
    )
    dropout: Rate | None = Field(None, description="share of the tower's activations dropped in training")
    loss: Loss | None = Field(None, description=", ".join(get_args(Loss)) + ": where the head can be trained with it")
    margin: Positive | None = Field(
        None,
        description="contrastive loss: distance that different pairs are pushed to; "
        "ranking loss: lead of a same pair over its rivals",
    )
    class_weight: Literal["balanced"] | None = Field(
        None, description="balanced: both classes weigh the same in the loss"
    )

    # The fit
    optimizer: Optimizer | None = Field(None, description="adam, adamw, rmsprop or sgd")
    learning_rate: Annotated[float, Field(gt=0, le=1e30, allow_inf_nan=False)] | None = Field(
        None, description="step size of the optimizer"
    )  # as float32 has it; one that is too large ends the fit in its first epoch
    weight_decay: Annotated[float, Field(ge=0, le=1e6)] | None = Field(
        None, description="decoupled weight decay, adamw only"
    )
    batch_size: int | None = Field(None, ge=1, le=LARGEST_BATCH, description="pairs a step")
    epochs: int = Field(200, ge=1, le=MOST_EPOCHS, description="most passes over the training rows")
    patience: int | None = Field(
        None, ge=1, le=MOST_EPOCHS, description="epochs without a better validation loss before the fit stops"
    )
    xla: Compilation | None = Field(
        None,
        description="always, never or auto: whether XLA compiles the fit, which takes seconds and makes it faster; "
        "it does not where several workers or GPUs share it",
    )

    # The threshold
    objective: ObjectiveName = Field(
        "accuracy", description="what the threshold makes best on the validation rows: " + ", ".join(OBJECTIVES)
    )
    target: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None,
        description=", ".join(f"{each.limit.setting} of {name}" for name, each in OBJECTIVES.items() if each.limit),
    )
    confidence: Share | None = Field(
        None, description="with a target: how sure it is kept on new pairs, not only on the validation rows"
    )
    beta: Positive = Field(1.0, description="f-beta only: how many times as much recall weighs as precision")
    cost_false_same: Price = Field(1.0, description="cost only: price of calling a different pair same")
    cost_missed: Price = Field(1.0, description="cost only: price of calling a same pair different")
    prior: Share | None = Field(
        None, description="share of same pairs where the model will work; null: as among the validation rows"
    )

    # The use
    unscored_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.05,
        description="share of a file's pairs that may have no score before somebody should look: exit code 3, or drift",
    )

    # The evaluation
    resamples: int = Field(1000, ge=100, le=MOST_RESAMPLES, description="bootstrap resamples behind each interval")
    minimum_auc: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="least test AUC of a model that becomes the current one; null: none"
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_booleans(cls, value: Any) -> Any:
        if any(isinstance(each, bool) for each in (value if isinstance(value, list | tuple) else [value])):
            raise ValueError("expected a number or a word; YAML takes yes, no, on, off, true and false for neither")
        return value

    @model_validator(mode="after")
    def _combinations(self) -> Settings:
        if self.head not in HEADS:
            raise ValueError(f"head: expected one of {', '.join(HEADS)}, found {self.head!r}{meant(self.head, HEADS)}")
        head, network = HEADS[self.head], self.network_settings
        head.check(network)
        check_size(head, network, self.side_width, self.folds)
        taken = {*self.columns.vectors, *SCORE_COLUMNS}
        names = [*self.ids, self.label]
        if len(set(names)) < len(names) or self.label in self.columns.vectors or taken & set(self.ids):
            raise ValueError(
                f"ids, label: expected names apart from each other, the vector columns and "
                f"{', '.join(SCORE_COLUMNS)}, found {', '.join(names)}"
            )
        return self

    @model_validator(mode="after")
    def _threshold(self) -> Settings:
        limit = OBJECTIVES[self.objective].limit
        if (limit is None) != (self.target is None):
            raise ValueError(f"target: expected {'a number' if limit else 'none'} with objective {self.objective!r}")
        if self.confidence is None:
            return self
        if limit is None:
            raise ValueError(f"confidence: expected none with objective {self.objective!r}, which has no target")
        if self.target in (0.0, 1.0):
            raise ValueError(f"confidence: expected a target between 0 and 1, found {self.target}; no sample shows it")
        if self.prior is not None and not limit.of_one_class:
            raise ValueError(
                f"confidence: expected no prior beside it; {limit.name} is shown for the validation rows' mix"
            )
        return self

    @property
    def columns(self) -> PairColumns:
        """Names of the pair file's columns."""
        return PairColumns(self.side_width, self.prefix, self.label, self.ids)

    @property
    def prices(self) -> Prices:
        """What the objective weighs errors by."""
        return Prices(self.beta, self.cost_false_same, self.cost_missed)

    @property
    def network_settings(self) -> NetworkSettings:
        """The head's own network settings, with what these change in them."""
        return HEADS[self.head].defaults.changed(self.model_dump())

    @property
    def in_force(self) -> Settings:
        """These settings, with the head's own values where a network setting was left open."""
        return self.model_copy(update=asdict(self.network_settings))


def load_settings(path: Path | None = None, overrides: Iterable[str] = ()) -> Settings:
    """Settings from a YAML file and `KEY=VALUE` strings, the later winning; values are read as YAML.

    Raises:
        SettingsError: the file can't be read, or a key or value is refused; every problem is named.
    """
    values = {} if path is None else _mapping(path)
    return make_settings({**values, **read_overrides(overrides)}, str(path) if path else "settings")


def read_overrides(overrides: Iterable[str]) -> dict[str, Any]:
    """Settings from `KEY=VALUE` strings, values read as YAML, the later winning.

    Raises:
        SettingsError: a string has another form.
    """
    values = {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise SettingsError(f"--set: expected KEY=VALUE, found {override!r}")
        values[key.strip()] = parse_yaml(value, f"--set {key.strip()}")
    return values


def make_settings(values: Mapping[str, Any], source: str = "settings") -> Settings:
    """Settings from a mapping.

    Raises:
        SettingsError: a key or value is refused; every problem is named, one a line, behind `source`.
    """
    try:
        return Settings(**values)
    except ValidationError as error:
        told = [f"{source}: {_problem(each)}" for each in error.errors()[:SHOWN_VIOLATIONS]]
        rest = error.error_count() - len(told)
        more = [f"… and {count(rest, 'more problem')}"] if rest else []
        raise SettingsError("\n".join([*told, *more])) from None


def settings_yaml(settings: Settings | None = None) -> str:
    """The settings as YAML, each key under a comment that says what it does.

    One that is left to the head stays so, and the head's own value stands behind it: whoever changes the head in the
    file gets that one's values.
    """
    settings = settings or Settings()
    values, in_force, lines = settings.model_dump(mode="json"), settings.in_force.model_dump(mode="json"), []
    for key, field in Settings.model_fields.items():
        own = "" if values[key] == in_force[key] else f"  # {settings.head}: {_yaml(in_force[key])}"
        lines += [f"# {field.description}", f"{key}: {_yaml(values[key])}{own}"]
    return "\n".join(lines) + "\n"


def _yaml(value: Any) -> str:
    dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)
    return dumped.removesuffix("...\n").strip()


def _mapping(path: Path) -> dict[str, Any]:
    values = read_yaml(path)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise SettingsError(f"{path}: expected KEY: VALUE lines, found {type(values).__name__}")
    return {str(key): value for key, value in values.items()}


def _problem(error: Mapping[str, Any]) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        near = meant(key, Settings.model_fields)
        return f"unknown key {key!r}{near}; the keys are {', '.join(Settings.model_fields)}"
    if error["type"] == "value_error" and not key:
        return str(error["ctx"]["error"])
    found = error["input"]
    near = meant(found, _choices(error)) if isinstance(found, str) else ""
    return f"{key}: {error['msg'].removeprefix('Value error, ')}, found {SHORT.repr(found)}{near}"


def _choices(error: Mapping[str, Any]) -> list[str]:
    """The words that a setting takes, where it takes no other."""
    return re.findall("'([^']*)'", error["ctx"]["expected"]) if error["type"] == "literal_error" else []
