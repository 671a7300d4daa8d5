"""The stage of `tfkws wakeword`: speech, tracks, training, threshold and bundle, each kept and gone on from."""
