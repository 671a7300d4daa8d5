"""Why a network takes its time: rooflines, layer classes, steps, and two profiles side by side."""
