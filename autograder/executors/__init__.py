"""Where work is done: threads on this machine, or the workers of a Dask cluster, behind one function."""
