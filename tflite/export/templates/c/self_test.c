/* Checks on any computer, without an interpreter, that the arrays are whole and that this compiler computes the front
   end as it was computed where the model was trained:
   cc -std=c99 self_test.c model.c golden.c front_end.c storing.c -lm -o self_test && ./self_test */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "front_end.h"
#include "golden.h"
#include "model.h"

static int failures = 0;

static void check(int holds, const char *what) {
    printf("%s  %s\n", holds ? "ok  " : "FAIL", what);
    failures += !holds;
}

static uint32_t crc32_of(const unsigned char *data, unsigned long size) {
    uint32_t crc = 0xffffffffu;
    unsigned long i;
    int bit;
    for (i = 0; i < size; ++i) {
        crc ^= data[i];
        for (bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1u ? 0xedb88320u : 0u);
    }
    return ~crc;
}

static float features[KWS_INPUT_SIZE];
static kws_input_t stored[KWS_INPUT_SIZE];

int main(void) {
    float largest = 0.0f;
    int i, step, wrong = 0, best = 0;
    check(memcmp(kws_model + 4, "TFL3", 4) == 0, "kws_model is a .tflite file");
    check(crc32_of(kws_model, KWS_MODEL_BYTES) == KWS_MODEL_CRC32, "every byte of it is as it was exported");
    check((uintptr_t)kws_model % 16 == 0, "it lies at a multiple of 16 bytes");
    kws_forget();
    for (step = 0; step < KWS_GOLDEN_STEPS; ++step) {
        const float *wanted = kws_golden_features + step * KWS_INPUT_SIZE;
        kws_features(kws_golden_audio + step * KWS_HOP_SAMPLES, features);
        kws_store(wanted, stored);
        for (i = 0; i < KWS_INPUT_SIZE; ++i) {
            float difference = fabsf(features[i] - wanted[i]);
            largest = difference > largest ? difference : largest;
            wrong += stored[i] != kws_golden_stored[step * KWS_INPUT_SIZE + i];
        }
    }
    printf("      largest difference of a feature %g, allowed %g\n", largest, KWS_FEATURE_TOLERANCE);
    check(largest <= KWS_FEATURE_TOLERANCE, "golden audio gives the golden features");
    check(wrong == 0, "golden features are stored as they were");
    for (i = 1; i < KWS_CLASSES; ++i) best = kws_golden_outputs[i] > kws_golden_outputs[best] ? i : best;
    check(kws_probability(kws_golden_outputs[best]) > 0.0f && kws_probability(kws_golden_outputs[best]) <= 1.01f,
          "golden outputs are probabilities");
    printf("%s\n", failures ? "NOT sound" : "sound");
    return failures != 0;
}
