/* Count the instructions that an emulated AArch64 program executes: a plugin for QEMU's user-mode emulator.
 *
 * The guest marks moments by the system call MARK, which Linux does not have, with a number of its own choice. Each mark
 * becomes one line on stderr: the number, all instructions so far, and those of four classes, which add up to all.
 * Exact for one guest thread; more than one would lose counts, so the guest runs its kernels on one.
 *
 * The few declarations below are the part of QEMU's plugin interface, version 1 (QEMU 6 to 8), that is used, so that no
 * header is needed.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MARK 0x6b7773 /* "kws" */
#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

typedef void (*block_translated)(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void (*system_call)(qemu_plugin_id_t, unsigned int, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                            uint64_t, uint64_t, uint64_t);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, block_translated);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t, system_call);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, enum qemu_plugin_op, void *, uint64_t);
EXPORTED int qemu_plugin_version = 1;

/* Classes by the top level of AArch64's encoding, bits 28 to 25 (Arm ARM, C4.1). */
enum { OTHER, VECTOR_ARITHMETIC, SCALAR_MEMORY, VECTOR_MEMORY, CLASSES };

static uint64_t executed[CLASSES];

static uint32_t word_of(const struct qemu_plugin_insn *instruction) {
    uint32_t word;
    memcpy(&word, qemu_plugin_insn_data(instruction), sizeof word);
    return word;
}

static int class_of(uint32_t word) {
    unsigned group = word >> 25 & 0xf;
    if ((group & 0x7) == 0x7) return VECTOR_ARITHMETIC;                            /* x111: SIMD and floating point */
    if ((group & 0x5) == 0x4) return word >> 26 & 1 ? VECTOR_MEMORY : SCALAR_MEMORY; /* x1x0: loads and stores */
    return OTHER;
}

static void on_block(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    uint64_t found[CLASSES] = {0};
    size_t length = qemu_plugin_tb_n_insns(block);
    for (size_t i = 0; i < length; i++) found[class_of(word_of(qemu_plugin_tb_get_insn(block, i)))]++;
    for (int class = 0; class < CLASSES; class++)
        if (found[class])
            qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &executed[class], found[class]);
}

static void on_system_call(qemu_plugin_id_t id, unsigned int cpu, int64_t number, uint64_t mark, uint64_t b, uint64_t c,
                           uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
    if (number != MARK) return;
    uint64_t all = 0;
    for (int class = 0; class < CLASSES; class++) all += executed[class];
    fprintf(stderr, "tfkws-mark %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", mark, all,
            executed[VECTOR_ARITHMETIC], executed[VECTOR_MEMORY], executed[SCALAR_MEMORY], executed[OTHER]);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_block);
    qemu_plugin_register_vcpu_syscall_cb(id, on_system_call);
    return 0;
}
