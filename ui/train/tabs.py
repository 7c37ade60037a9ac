"""Names of the tabs of the page Train."""

TAB_KEY = "train-tab"  # session key and parameter of the address: the open tab
NEW_RUN, RUNS, SWEEPS, POSTER_EXPERIMENT = "New run", "Runs", "Sweeps", "Poster experiment"
