"""From a phrase to utterances in many voices, and to what sounds like it."""
