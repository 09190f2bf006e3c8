"""What you are given: data, networks, training, plots, and the public checks. Nothing here is to be filled in."""
