"""Background work: one folder, one process, one progress file and one cancel flag for each job."""
