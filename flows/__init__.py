"""The flows, wired from the steps, and the command line that starts them."""
