// Runs the golden inputs in TensorFlow Lite Micro and compares its answers; a place to begin from.
// On ESP-IDF it is app_main, elsewhere main. Include paths are those of tflite-micro and esp-tflite-micro.
#include <cstdio>
#include <cstring>

#include "golden.h"
#include "model.h"
#include "operators.h"
#include "tensorflow/lite/micro/micro_allocator.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_resource_variable.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

// Measured with the reference kernels. Kernels of a processor (ESP-NN, CMSIS-NN) take scratch memory besides: raise this
// until AllocateTensors succeeds, then put what arena_used_bytes says.
constexpr size_t kExtraBytes = 16 * 1024;
alignas(16) uint8_t arena[KWS_ARENA_BYTES + kExtraBytes];

int Run() {
  const tflite::Model* model = tflite::GetModel(kws_model);
  tflite::MicroMutableOpResolver<KWS_OPERATOR_COUNT> resolver;
  if (KwsAddOperators(resolver) != kTfLiteOk) return 1;
  tflite::MicroAllocator* allocator = tflite::MicroAllocator::Create(arena, sizeof(arena));
  // What a network remembers; it begins anew with a new interpreter.
  tflite::MicroResourceVariables* variables = tflite::MicroResourceVariables::Create(allocator, KWS_VARIABLES);
  tflite::MicroInterpreter interpreter(model, resolver, allocator, variables);
  if (interpreter.AllocateTensors() != kTfLiteOk) {
    std::printf("the arena is too small: raise kExtraBytes\n");
    return 1;
  }
  std::printf("arena used: %u bytes\n", static_cast<unsigned>(interpreter.arena_used_bytes()));
  int differing = 0;
  for (int run = 0; run < KWS_GOLDEN_RUNS; ++run) {
    std::memcpy(interpreter.input(0)->data.raw, kws_golden_inputs + run * KWS_INPUT_SIZE,
                KWS_INPUT_SIZE * sizeof(kws_input_t));
    if (interpreter.Invoke() != kTfLiteOk) return 1;
    differing += std::memcmp(interpreter.output(0)->data.raw, kws_golden_outputs + run * KWS_CLASSES,
                             KWS_CLASSES * sizeof(kws_output_t)) != 0;
  }
  // Kernels of a processor may round another way: a difference of a step or two is no fault.
  std::printf("%d of %d golden answers differ\n", differing, KWS_GOLDEN_RUNS);
  return 0;
}

}  // namespace

#ifdef ESP_PLATFORM
extern "C" void app_main(void) { Run(); }
#else
int main() { return Run(); }
#endif
