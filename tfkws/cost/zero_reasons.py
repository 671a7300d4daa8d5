"""Why some layers have no multiply-accumulates, the same words for Keras and TFLite."""

BATCH_NORM = "one scale and shift per value, no accumulation; folds into the convolution before it"
ACTIVATION = "one function per value, no accumulation"
POOLING = "adds or compares, does not multiply"
DROPOUT = "does nothing at inference"
ELEMENTWISE = "one operation per value, no accumulation"
DATA_MOVEMENT = "moves values, computes nothing"
QUANTISATION = "changes the number format of values"
