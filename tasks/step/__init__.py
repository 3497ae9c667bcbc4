"""What every step shares: the task around it, its kept result, its log and its progress."""
