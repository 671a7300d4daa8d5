"""Where models run: this machine, boards over ssh or adb, recorded answers."""
