"""The names of the files and folders of a run, of a check, of a comparison and of a batch: here alone.

What stands in a run's working folder is gone once the run is finished.
"""

# Beside the runs
CURRENT = "current"  # link to the published run
CHECKS = "monitor"  # folder of the checks of the runs, where no other is named
FITS = ".fits"  # folder of the fits of comparisons, which the next comparison finds again
PUBLISHING = ".publishing"  # lock of who decides what is current

# Of all of them
MANIFEST = "manifest.json"  # every file with its SHA-256: the last that is written
WORK = "work"  # the working folder: what the steps hand on

# In the working folder of all of them
HELD = "held"  # lock of the process that works on the run
STEPS = "steps"  # folder of what finished steps returned

# Of a run
SETTINGS = "settings.yaml"
INPUTS = "inputs.json"  # the input files by their content, and their audit: written by the step `audit`
MODEL = "model.keras"
HISTORY = "history.csv"  # losses by epoch; of a comparison: of every fit
RECORD = "record.json"  # how the fit went: parameters, epochs, best epochs
PROFILE = "profile.npz"  # a sample of the training pairs as the network sees them, for later checks
KNOWN_PAIRS = "known_pairs.npy"  # marks of the pairs that the network was trained, or its threshold chosen, on
CALIBRATION = "calibration.json"  # the calibration document
VALIDATION_SCORES = "validation_scores.parquet"  # of the pairs that chose the threshold
TRAINING_SCORES = "training_scores.parquet"  # validation scores as the fit gave them, where new pairs chose since
TEST_SCORES = "test_scores.parquet"  # of a comparison: a column for each fit
METRICS = "metrics.json"
MAP = "map.json"  # where the embeddings of test pairs lie on a plane
DRIFT = "drift.json"  # of a run: of its test file; of a check and of a batch: of the new pairs
GATE = "gate.json"  # whether the run may become current, and what it was held against
TIMINGS = "timings.json"  # seconds by step
REPORT = "report.html"
SCORING = (MODEL, CALIBRATION, SETTINGS)  # what scoring reads

# In the working folder of a run
BEGUN = "begun.json"  # what the run is made from, for as long as it is unfinished
FOLDS = "folds.npy"  # the member that each training pair validates
CHECKPOINT = "fit.npz"  # the state of a fit under way

# Of a check
SCORES = "scores.parquet"
DRIFT_REPORT = "drift.html"
EVIDENTLY_REPORT = "evidently.html"

# In the working folder of a check
DELIVERY = "delivery.parquet"  # the pairs as they came
DELIVERY_LABELS = "delivery_labels.npy"  # NaN where there is none
REFERENCE_TABLE = "reference_table.parquet"  # what evidently is to hold the pairs against
PAIRS_TABLE = "pairs_table.parquet"

# Of a comparison
COMPARISON = "compare.json"
COMPARISON_REPORT = "compare.html"

# Of a fit of a comparison, beside model, history and record
TRAIN_SCORES = "train_scores.parquet"  # by a member that did not know the pair, and by one that did

# Of a batch
AUDIT = "audit.json"
BATCH_SCORES = "scores"  # folder of the scores, a file for each partition
WRITTEN = "written.json"  # what a batch that is not finished writes: its first file, and the last that goes
