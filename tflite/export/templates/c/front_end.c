/* The front end in plain C99, on tables that model.c holds. On a device with a Fourier transform of its own
   (CMSIS-DSP, ESP-DSP) put that in the place of `transform`, which is written to be read. */
#include "front_end.h"

#include <math.h>

void kws_forget(void) {} /* every frame is computed from its own samples alone */

#if KWS_TAKES_AUDIO /* the front end is in the network */
void kws_features(const int16_t *samples, float *map) {
    int i;
    for (i = 0; i < KWS_TAKE_SAMPLES; ++i) map[i] = samples[i] / 32768.0f;
}
#else
#if KWS_FFT_LENGTH & (KWS_FFT_LENGTH - 1)
#error "transform is written for powers of two"
#endif

static float real[KWS_FFT_LENGTH], imaginary[KWS_FFT_LENGTH], samples_of_frame[KWS_WINDOW_SAMPLES];
static float cosine[KWS_FFT_LENGTH / 2], sine[KWS_FFT_LENGTH / 2], bands[KWS_BANDS];
static int tables_are_made = 0;

static void make_tables(void) {
    int k;
    for (k = 0; k < KWS_FFT_LENGTH / 2; ++k) {
        double angle = 2.0 * 3.14159265358979323846 * k / KWS_FFT_LENGTH;
        cosine[k] = (float)cos(angle);
        sine[k] = (float)sin(angle);
    }
    tables_are_made = 1;
}

static void swap(float *values, int one, int other) {
    float kept = values[one];
    values[one] = values[other];
    values[other] = kept;
}

/* The Fourier transform of `real` and `imaginary`, in place; the length is a power of two. */
static void transform(void) {
    int i, j, k, bit, length;
    for (i = 1, j = 0; i < KWS_FFT_LENGTH; ++i) {
        for (bit = KWS_FFT_LENGTH >> 1; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) {
            swap(real, i, j);
            swap(imaginary, i, j);
        }
    }
    for (length = 2; length <= KWS_FFT_LENGTH; length <<= 1) {
        for (i = 0; i < KWS_FFT_LENGTH; i += length) {
            for (k = 0; k < length / 2; ++k) {
                float c = cosine[k * (KWS_FFT_LENGTH / length)], s = sine[k * (KWS_FFT_LENGTH / length)];
                int low = i + k, high = low + length / 2;
                float x = real[high] * c + imaginary[high] * s, y = imaginary[high] * c - real[high] * s;
                real[high] = real[low] - x;
                imaginary[high] = imaginary[low] - y;
                real[low] += x;
                imaginary[low] += y;
            }
        }
    }
}

void kws_frame(const float *samples, float *row) {
    const float *weight = kws_band_weights;
    int i, band, r;
    if (!tables_are_made) make_tables();
    for (i = 0; i < KWS_FFT_LENGTH; ++i) {
        real[i] = i < KWS_WINDOW_SAMPLES ? samples[i] * kws_window[i] : 0.0f;
        imaginary[i] = 0.0f;
    }
    transform();
    for (band = 0; band < KWS_BANDS; ++band) {
        float power = 0.0f;
        for (i = 0; i < kws_band_bins[band]; ++i) {
            int bin = kws_band_first[band] + i;
            power += *weight++ * (real[bin] * real[bin] + imaginary[bin] * imaginary[bin]);
        }
        bands[band] = logf(power + KWS_FLOOR);
    }
    for (r = 0; r < KWS_ROWS; ++r) {
#if KWS_IS_MFCC
        float value = 0.0f;
        for (band = 0; band < KWS_BANDS; ++band) value += bands[band] * kws_cosines[band * KWS_ROWS + r];
#else
        float value = bands[r];
#endif
        row[r] = (value - kws_row_mean[r]) * kws_row_scale[r];
    }
}

void kws_features(const int16_t *samples, float *map) {
    float row[KWS_ROWS];
    int frame, i, r;
    for (frame = 0; frame < KWS_INPUT_FRAMES; ++frame) {
        int first = frame * KWS_FRAME_HOP_SAMPLES - KWS_PADDING_SAMPLES; /* zeros lie before and behind the samples */
        for (i = 0; i < KWS_WINDOW_SAMPLES; ++i) {
            int at = first + i;
            samples_of_frame[i] = at < 0 || at >= KWS_TAKE_SAMPLES ? 0.0f : samples[at] / 32768.0f;
        }
        kws_frame(samples_of_frame, row);
        for (r = 0; r < KWS_ROWS; ++r) map[KWS_TIME_FIRST ? frame * KWS_ROWS + r : r * KWS_INPUT_FRAMES + frame] = row[r];
    }
}
#endif
