/* Between a map and what the network takes, and between what it gives and a probability. */
#include <math.h>

#include "front_end.h"

void kws_store(const float *map, kws_input_t *input) {
    int i;
    for (i = 0; i < KWS_INPUT_SIZE; ++i) {
#if KWS_INPUT_IS_FLOAT
        input[i] = map[i];
#else
        float stored = rintf(map[i] / KWS_INPUT_SCALE) + KWS_INPUT_ZERO_POINT;
        input[i] = (kws_input_t)(stored < KWS_INPUT_MIN ? KWS_INPUT_MIN : stored > KWS_INPUT_MAX ? KWS_INPUT_MAX : stored);
#endif
    }
}

float kws_probability(kws_output_t stored) {
#if KWS_OUTPUT_IS_FLOAT
    return stored;
#else
    return (float)(stored - KWS_OUTPUT_ZERO_POINT) * KWS_OUTPUT_SCALE;
#endif
}
