/* From 16-bit samples to what the network takes; see README.md. */
#ifndef KWS_FRONT_END_H
#define KWS_FRONT_END_H

#include <stdint.h>

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

#if KWS_IS_MICRO
/* Computes KWS_ROWS values of the next frame from KWS_WINDOW_SAMPLES samples. */
void kws_frame(const int16_t *samples, float *row);
#elif !KWS_TAKES_AUDIO
/* Computes KWS_ROWS values of one frame from KWS_WINDOW_SAMPLES samples in -1..1. Not for two threads at a time. */
void kws_frame(const float *samples, float *row);
#endif

/* Begins a signal anew: a front end that keeps the noise of its bands forgets it. */
void kws_forget(void);

/* Computes the map of KWS_TAKE_SAMPLES samples: KWS_INPUT_SIZE values, in the order that the network takes. */
void kws_features(const int16_t *samples, float *map);

/* Stores a map as the network takes it: rounded to the nearest step, halves to even, and kept within its type. */
void kws_store(const float *map, kws_input_t *input);

/* Restores the probability of a class from an output of the network. */
float kws_probability(kws_output_t stored);

#ifdef __cplusplus
}
#endif
#endif
