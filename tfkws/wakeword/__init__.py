"""Learning one phrase for the open world: speech made various, laid on tracks, learnt from and judged by the hour."""
