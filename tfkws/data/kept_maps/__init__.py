"""Feature maps that are computed once and kept on disk, for all trainings on the same clips."""
