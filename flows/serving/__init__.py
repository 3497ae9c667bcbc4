"""What commands start and stop: the Prefect server, the schedules, the server of reports, the Dask cluster."""
