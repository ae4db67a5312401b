"""vatriage: which IDS alerts hit a host that is really susceptible, and why."""
