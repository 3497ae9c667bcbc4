"""The report's colours, by role, on paper and in the dark: the page and its plots both take them from here."""

LIGHT = {
    "paper": "#fcfcfa",
    "panel": "#f3f3ef",
    "ink": "#1d2329",
    "muted": "#5c656e",
    "line": "#d9dad4",
    "blue": "#25689c",  # the model; pairs that are the same
    "rust": "#ad4f28",  # pairs that are different; what to worry about
    "grey": "#7d868e",  # what the model is compared with
    "green": "#2b7449",  # can be trusted
    "amber": "#8a5f00",  # use with care
    "red": "#b02a20",  # can't be trusted
}

DARK = {
    "paper": "#15181b",
    "panel": "#1e2226",
    "ink": "#e6e7e4",
    "muted": "#a2abb3",
    "line": "#363c42",
    "blue": "#7cb6e6",
    "rust": "#ec9a72",
    "grey": "#8d969e",
    "green": "#7fcf9c",
    "amber": "#e6b84c",
    "red": "#ff8d82",
}
