"""The code that you are given: data, networks, training, plots, public checks. You need not fill in anything here."""
