"""The networks on a GPU beside one core and an emulated one, and what decides the time on each."""
