"""What keeps running: the Prefect server, the schedules, the reports, the cluster."""
