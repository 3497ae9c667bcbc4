"""The heads: a file each, with its Keras layer and its numpy pass beside it; `registry` lists them."""
