"""Making a folder of clips: download, import, synthesis, rooms, and checking what is there."""
