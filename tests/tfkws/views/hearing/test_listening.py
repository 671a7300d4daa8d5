from tfkws.views.hearing.listening import devices_table, listening_table

EAR = {
    "detector": "kws10-int8", "detections": 3, "near_misses": 1, "answered": 5_000, "dropped": 2, "gated": 0,
    "lost_s": 0.25, "bad_samples": 0, "busy_share": 0.0123,
}  # fmt: skip
SUMMARY = {"source": "a.wav", "seconds": 501.0, "cpu_share": 0.021, "overflows": 1, "detectors": [EAR]}


def test_devices() -> None:
    device = {"index": 1, "name": "USB Audio", "api": "ALSA", "rate_hz": 44_100, "channels": 2, "default": True}
    assert devices_table([device]).rows == (("1", "USB Audio", "ALSA", "44100", "2", "default"),)


def test_what_was_heard_and_what_was_lost() -> None:
    table = listening_table(SUMMARY)
    assert table.title == "Listened to 501.0 s of a.wav"
    assert dict(zip(table.columns, table.rows[0], strict=True)) == {
        "detector": "kws10-int8", "heard": "3", "near misses": "1", "windows answered": "5 k",
        "left out, too slow": "2", "left out, quiet": "0", "audio lost, s": "0.25", "bad samples": "0", "busy": "1.2 %",
    }  # fmt: skip
    assert table.note == "2.1% of one core, all included; the device lost audio once."
