/* microWakeWord's front end in whole numbers and plain C99, on tables that model.c holds: the same numbers bit for bit as
   where the network was trained. It is that of TensorFlow Lite Micro's speech features ("microfrontend"), whose own code
   can stand in its place. It keeps each band's noise: frames come in order, from one thread.
   Negative numbers are shifted right with their sign, as every compiler for these devices does. */
#include "front_end.h"

#include <string.h>

#define POINTS (KWS_FFT_LENGTH / 2) /* 512 real samples are transformed as 256 complex ones */

static int32_t real[POINTS], imaginary[POINTS], real_bins[POINTS + 1], imaginary_bins[POINTS + 1];
static uint32_t noise[KWS_BANDS];

void kws_forget(void) { memset(noise, 0, sizeof noise); }

static int bits_of(uint64_t value) {
    int bits = 0;
    for (; value; value >>= 1) ++bits;
    return bits;
}

/* The leading bits of a value, so many behind the first. */
static int64_t behind_first_bit(uint64_t value, int wanted) {
    int shift = wanted + 1 - bits_of(value);
    return (int64_t)(shift >= 0 ? value << shift : value >> -shift) & (((int64_t)1 << wanted) - 1);
}

static int32_t rounded(int64_t product) { return (int32_t)((product + (1 << 14)) >> 15); }

/* A complex product with the number `turn` of 512 on the unit circle, in 15 bits. */
static void turned(int32_t x, int32_t y, int turn, int32_t *product_x, int32_t *product_y) {
    int64_t c = kws_cosine[turn], s = kws_sine[turn];
    *product_x = rounded(x * c - y * s);
    *product_y = rounded(x * s + y * c);
}

/* KISS FFT's fixed-point transform: four passes of radix 4, each divided by 4 before it adds. */
static void transform(const int32_t *samples) {
    int i, j, k, block, width;
    for (i = 0; i < POINTS; ++i) {
        int from = (i & 3) << 6 | (i & 12) << 2 | (i & 48) >> 2 | i >> 6; /* its digits to the base of 4 reversed */
        real[i] = samples[2 * from];
        imaginary[i] = samples[2 * from + 1];
    }
    for (width = 1; width < POINTS; width *= 4) {
        for (i = 0; i < POINTS; ++i) {
            real[i] = rounded((int64_t)real[i] * (32767 / 4));
            imaginary[i] = rounded((int64_t)imaginary[i] * (32767 / 4));
        }
        for (block = 0; block < POINTS; block += 4 * width) {
            for (j = 0; j < width; ++j) {
                int32_t x[4], y[4];
                for (k = 0; k < 4; ++k) {
                    i = block + k * width + j;
                    x[k] = real[i];
                    y[k] = imaginary[i];
                    if (k > 0 && width > 1) turned(real[i], imaginary[i], k * j * (POINTS / 2) / width, &x[k], &y[k]);
                }
                i = block + j;
                real[i] = x[0] + x[2] + x[1] + x[3];
                imaginary[i] = y[0] + y[2] + y[1] + y[3];
                real[i + width] = x[0] - x[2] + y[1] - y[3];
                imaginary[i + width] = y[0] - y[2] - x[1] + x[3];
                real[i + 2 * width] = x[0] + x[2] - x[1] - x[3];
                imaginary[i + 2 * width] = y[0] + y[2] - y[1] - y[3];
                real[i + 3 * width] = x[0] - x[2] - y[1] + y[3];
                imaginary[i + 3 * width] = y[0] - y[2] + x[1] - x[3];
            }
        }
    }
}

/* Takes the bins of 512 real samples out of those of 256 complex ones. */
static void split(void) {
    int i, k;
    for (i = 0; i < POINTS; ++i) {
        real[i] = rounded((int64_t)real[i] * (32767 / 2));
        imaginary[i] = rounded((int64_t)imaginary[i] * (32767 / 2));
    }
    real_bins[0] = real[0] + imaginary[0];
    real_bins[POINTS] = real[0] - imaginary[0];
    imaginary_bins[0] = imaginary_bins[POINTS] = 0;
    for (k = 1; k <= POINTS / 2; ++k) {
        int other = POINTS - k;
        int32_t sum_x = real[k] + real[other], sum_y = imaginary[k] - imaginary[other], x, y;
        turned(real[k] - real[other], imaginary[k] + imaginary[other], POINTS / 2 + k, &x, &y);
        real_bins[k] = (sum_x + x) >> 1;
        imaginary_bins[k] = (sum_y + y) >> 1;
        real_bins[other] = (sum_x - x) >> 1;
        imaginary_bins[other] = (y - sum_y) >> 1;
    }
}

/* The square root, rounded as the source rounds: the short way to a root does not round up to 2^16. */
static uint32_t root_of(uint64_t value) {
    uint64_t root = 0, bit;
    for (bit = (uint64_t)1 << 31; bit; bit >>= 1) {
        if ((root | bit) * (root | bit) <= value) root |= bit;
    }
    if (value - root * root > root && (root != 65535 || value >> 32)) ++root;
    return (uint32_t)root;
}

static int64_t gain_of(uint32_t estimate) {
    const int16_t *parabola = kws_gain + 3 * bits_of(estimate);
    int64_t part = behind_first_bit(estimate, 10);
    int64_t rise = ((parabola[2] * part >> 5) + parabola[1] * 32) * part;
    return parabola[0] + ((rise + (1 << 14)) >> 15);
}

/* A fourth of the square below 2, less 1 above. */
static int64_t shrunk(int64_t ratio) {
    ratio &= 0xffffffff;
    if (ratio < (int64_t)2 << KWS_RATIO_BITS) return ratio * ratio >> (2 + 2 * KWS_RATIO_BITS - KWS_SHRUNK_BITS);
    return (ratio >> (KWS_RATIO_BITS - KWS_SHRUNK_BITS)) - (1 << KWS_SHRUNK_BITS);
}

static int32_t logarithm(int64_t value) {
    int64_t part, segment, begin, whole, natural;
    value = (value << KWS_CORRECTION_BITS) & 0xffffffff;
    if (value <= 1) return 0;
    part = behind_first_bit((uint64_t)value, 16);
    segment = part >> 9;
    begin = kws_log[segment];
    part += begin + ((kws_log[segment + 1] - begin) * (part - (segment << 9)) >> 16);
    whole = ((int64_t)(bits_of((uint64_t)value) - 1) << 16) + part;
    natural = (45426 * whole + (1 << 15)) >> 16; /* ln(2) in 16 bits */
    natural = ((natural << KWS_LOG_SHIFT) + (1 << 15)) >> 16;
    return (int32_t)(natural < 65535 ? natural : 65535);
}

static float feature_of(uint32_t amplitude, int band) {
    uint64_t share = band % 2 ? KWS_ODD_SMOOTHING : KWS_EVEN_SMOOTHING;
    uint32_t scaled = amplitude << KWS_ESTIMATE_BITS;
    int64_t remaining, least = (int64_t)amplitude * KWS_LEAST_REMAINING >> KWS_SMOOTHING_BITS;
    noise[band] = (uint32_t)((scaled * share + noise[band] * ((1u << KWS_SMOOTHING_BITS) - share)) >> KWS_SMOOTHING_BITS);
    remaining = scaled > noise[band] ? (scaled - noise[band]) >> KWS_ESTIMATE_BITS : 0;
    if (remaining < least) remaining = least;
    remaining = remaining * gain_of(noise[band]) >> (KWS_GAIN_BITS - KWS_CORRECTION_BITS - KWS_RATIO_BITS);
    return logarithm(shrunk(remaining)) * KWS_FEATURE_SCALE;
}

void kws_frame(const int16_t *samples, float *row) {
    static int32_t windowed[KWS_FFT_LENGTH];
    const int16_t *weight = kws_band_weights;
    int32_t loudest = 0;
    int i, band, shift;
    for (i = 0; i < KWS_WINDOW_SAMPLES; ++i) {
        windowed[i] = samples[i] * kws_window[i] >> KWS_WINDOW_BITS;
        /* In 16 bits -32768 has no positive counterpart, so the source goes by the next loudest. */
        if (windowed[i] > loudest) loudest = windowed[i];
        if (-windowed[i] > loudest && windowed[i] > -32768) loudest = -windowed[i];
    }
    shift = 15 - bits_of((uint64_t)loudest);
    for (i = 0; i < KWS_FFT_LENGTH; ++i) windowed[i] = i < KWS_WINDOW_SAMPLES ? windowed[i] * (1 << shift) : 0;
    transform(windowed);
    split();
    for (band = 0; band < KWS_BANDS; ++band) {
        uint64_t energy = 0;
        for (i = 0; i < kws_band_bins[band]; ++i) {
            int64_t x = real_bins[kws_band_first[band] + i], y = imaginary_bins[kws_band_first[band] + i];
            energy += (uint64_t)*weight++ * (uint64_t)(x * x + y * y);
        }
        row[band] = feature_of(root_of(energy) >> shift, band);
    }
}

void kws_features(const int16_t *samples, float *map) {
    float row[KWS_ROWS];
    int frame, r;
    for (frame = 0; frame < KWS_INPUT_FRAMES; ++frame) {
        kws_frame(samples + frame * KWS_FRAME_HOP_SAMPLES, row);
        for (r = 0; r < KWS_ROWS; ++r) map[KWS_TIME_FIRST ? frame * KWS_ROWS + r : r * KWS_INPUT_FRAMES + frame] = row[r];
    }
}
