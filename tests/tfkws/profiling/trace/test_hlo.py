"""Which layers the instructions of a program serve, on a program written for it."""

from tfkws.profiling.trace.hlo import layers_by_instruction

PROGRAM = """HloModule jit_network, entry_computation_layout={(f32[3,3,1,4]{3,2,1,0})->f32[1,4]{1,0}}

%scalar_add (a: f32[], b: f32[]) -> f32[] {
  %a = f32[] parameter(0)
  ROOT %sum = f32[] add(%a, %a), metadata={op_name="jit(network)/tfkws.9/pool/reduce_sum"}
}

%fused_norm_relu (p0: f32[8,4], p1: f32[4]) -> f32[8,4] {
  %p0 = f32[8,4]{1,0} parameter(0), metadata={op_name="jit(network)/tfkws.7/other"}
  %zero = f32[] constant(0)
  %zeros = f32[8,4]{1,0} broadcast(%zero), dimensions={}, metadata={op_name="jit(network)/tfkws.8/relu/max"}
  %scaled = f32[8,4]{1,0} multiply(%p0, %p0), metadata={op_name="jit(network)/tfkws.1/norm/mul"}
  ROOT %max.3 = f32[8,4]{1,0} maximum(%scaled, %zeros), metadata={op_name="jit(network)/tfkws.2/relu/max"}
}

%body (state: (s32[], f32[8,4])) -> (s32[], f32[8,4]) {
  %state = (s32[], f32[8,4]{1,0}) parameter(0)
  %item = f32[8,4]{1,0} get-tuple-element(%state), index=1
  %step = f32[8,4]{1,0} tanh(%item), metadata={op_name="jit(network)/tfkws.3/rnn/while/body/tanh"}
  ROOT %next = (s32[], f32[8,4]{1,0}) tuple(%item, %step)
}

ENTRY %main.9 (weights_0__0__0_.1: f32[3,3,1,4], x: f32[8,4]) -> f32[1,4] {
  %weights_0__0__0_.1 = f32[3,3,1,4]{3,2,1,0} parameter(0), metadata={op_name="weights[0][0][0]"}
  %weights.5 = f32[4,2]{1,0} parameter(1), metadata={op_name="weights[5][0][0]"}
  %x = f32[8,4]{1,0} parameter(2), metadata={op_name="inputs"}
  %wrapped_transpose = f32[1,4,3,3]{3,2,1,0} transpose(%weights_0__0__0_.1), dimensions={2,3,0,1}
  %cudnn-conv.1 = (f32[8,4]{1,0}, /*index=1*/u8[0]{0}) custom-call(%x, %wrapped_transpose), \
custom_call_target="__cudnn$convForward", metadata={op_name="jit(network)/tfkws.0/conv/conv_general_dilated"}
  %get = f32[8,4]{1,0} get-tuple-element(%cudnn-conv.1), index=0
  %fusion.1 = f32[8,4]{1,0} fusion(%get, %weights.5), kind=kLoop, calls=%fused_norm_relu, \
metadata={op_name="jit(network)/tfkws.2/relu/max"}
  %while.1 = (s32[], f32[8,4]{1,0}) while(%fusion.1), condition=%cond, body=%body
  %bitcast.2 = f32[4,2]{1,0} bitcast(%weights.5)
  %dot.1 = f32[8,2]{1,0} dot(%while.1, %bitcast.2), lhs_contracting_dims={1}
  %reduce-window = f32[1,4]{1,0} reduce-window(%dot.1, %dot.1), to_apply=%scalar_add
  %reduce.2 = f32[1,4]{1,0} reduce(%reduce-window, %x), dimensions={1}, to_apply=%scalar_add, \
metadata={op_name="jit(network)/tfkws.6/pool/reduce_sum"}
  %negate.1 = f32[1,4]{1,0} negate(%x)
  ROOT %tuple.1 = (f32[1,4]{1,0}, f32[1,4]{1,0}) tuple(%reduce.2, %negate.1)
}
"""
LAYERS = layers_by_instruction(PROGRAM)


def test_the_path_of_an_instruction_names_its_layer() -> None:
    assert LAYERS["cudnn-conv.1"] == {0}
    assert LAYERS["reduce.2"] == {6}


def test_a_fusion_serves_the_layers_whose_work_it_holds() -> None:
    assert LAYERS["fusion.1"] == {1, 2}


def test_a_loop_serves_the_layers_of_its_body() -> None:
    assert LAYERS["while.1"] == {3}
    assert LAYERS["step"] == {3}


def test_an_instruction_without_a_path_belongs_to_the_layer_whose_weights_it_reads() -> None:
    assert LAYERS["wrapped_transpose"] == {0}
    assert LAYERS["dot.1"] == {5}


def test_or_to_the_layer_that_reads_it() -> None:
    assert LAYERS["reduce-window"] == {6}


def test_what_cannot_be_told_belongs_to_none() -> None:
    assert LAYERS["negate.1"] == frozenset()
    assert layers_by_instruction("no program") == {}
