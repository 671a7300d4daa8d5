"""The page on hearing: false accepts, lost audio, detectors side by side, what a stream costs."""
