"""The form "esphome": what ESPHome's `micro_wake_word`, Home Assistant Voice and pymicro-wakeword load."""
