"""Hearing: detections in an endless signal, from a microphone, a file, a client or a simulation."""
