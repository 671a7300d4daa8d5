"""Where candidates are evaluated: this process, processes of this machine, a Ray cluster."""
