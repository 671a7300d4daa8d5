"""Tables of a detector that was made from a phrase, from its record `result.json`."""
