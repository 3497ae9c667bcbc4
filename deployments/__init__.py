"""The flows on their schedules, declared once, and what containers run of them."""
