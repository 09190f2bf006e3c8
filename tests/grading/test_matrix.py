"""One mistake, one loss: what only one check asks costs only that check's points.

A mistake that is not here changes values, and loses every check that looks at them. These cost more than one check, and
should: without a graph there is no gradient either; a changed input changes the gradient, too; a temperature that is
fixed shows in the public check and in the hidden one; a question's public and hidden check of one thing go together.
"""

from __future__ import annotations

import pytest

from autograder.cli import main
from autograder.core.rubric import load_rubric
from autograder.grading.matrix import Row, fault_matrix

pytestmark = pytest.mark.published

GRADIENTS, SCALAR, INPUTS = "Gradients of both views", "The loss is a 0-d tensor", "The inputs are left as they were"
DOUBLE = "Value in float64"
TIES, ABSENT = "Equal counts go to the smallest label", "Labels that the batch lacks, and labels up to 99, can win"
PLACE, GRAPH = "Parameters are changed in place", "No graph is built, requires_grad stays"
EVAL, RETURNS = "Left in eval mode, batch norm still", "Returns fc.weight and fc.bias"
FROZEN = ("The backbone is frozen", "Only the classifier learns")
START = ("The classifier's start", "fc.weight from N(0, 0.01²), fc.bias zero")

PURE: dict[tuple[str, str], tuple[str, ...]] = {
    ("1.1", "unused_keys_left_out"): ("A dict with the four keys",),
    ("1.1", "views_in_one_pass"): ("Each view in a pass of its own",),
    ("1.1", "model_in_eval_mode"): ("Each view in a pass of its own",),
    ("1.1", "no_gradients"): ("z1, p1 and p2 carry gradients",),
    ("1.1", "predictions_detached"): ("z1, p1 and p2 carry gradients",),
    ("1.2", "shape_1_returned"): (SCALAR,),
    ("1.2", "number_returned"): (GRADIENTS, SCALAR),
    ("1.2", "arguments_changed"): (INPUTS,),
    ("1.2", "graph_cut"): (GRADIENTS,),
    ("1.2", "second_view_detached"): (GRADIENTS,),
    ("1.2", "float32_only"): (DOUBLE,),
    ("1.2", "norm_with_a_floor"): ("Value in float32, batches of 2 to 64",),
    # In a batch of 64 a probability is small at any temperature, and the gradient is divided by it.
    ("1.2", "logarithm_guarded"): ("Value in float32, batches of 2 to 64", "Value at other temperatures", GRADIENTS),
    ("1.3", "align_shape_1_returned"): (SCALAR,),
    ("1.3", "align_number_returned"): (GRADIENTS, SCALAR),
    ("1.3", "align_arguments_changed"): (INPUTS,),
    ("1.3", "align_graph_cut"): (GRADIENTS,),
    ("1.3", "align_float32_only"): (DOUBLE,),
    ("1.3", "align_norm_with_a_floor"): ("Value in float32, batches of 2 to 64",),
    ("1.4", "predictor_changed"): ("The encoder, and everything else, is left as it was",),
    ("1.4", "parameters_replaced"): (PLACE,),
    ("1.4", "graph_left_behind"): (GRAPH,),
    ("1.4", "momentum_encoder_unfrozen"): (GRAPH,),
    ("1.4", "encoder_frozen"): (GRAPH,),
    ("2", "ties_to_the_nearest"): (TIES,),
    ("2", "ties_to_the_largest_label"): (TIES,),
    ("2", "ties_by_the_order_of_a_set"): (TIES,),
    ("2", "ties_count_as_wrong"): (TIES,),
    ("2", "only_labels_of_the_batch_win"): (ABSENT,),
    ("2", "classes_counted_in_the_batch"): (ABSENT,),
    ("2", "largest_label_of_the_batch_as_limit"): (ABSENT,),
    ("2", "batch_of_one_squeezed"): ("A batch of one",),
    ("2", "inputs_normalised_in_place"): (INPUTS,),
    # Sorting loses the order of equal counts from 17 classes on, so one input with ties has twenty.
    ("2", "ten_classes_assumed"): (TIES, ABSENT),
    ("3", "eval_mode_forgotten"): (EVAL,),
    ("3", "nothing_returned"): (RETURNS,),
    ("3", "bias_returned_first"): (RETURNS,),
    ("3", "nothing_frozen"): FROZEN,
    ("3", "layers_named_fc_spared"): FROZEN,
    ("3", "last_child_spared"): FROZEN[1:],
    ("3", "weight_not_drawn"): START,
    ("3", "classifier_of_a_fixed_size"): START[1:],
    ("B1", "too_many_not_refused"): ("More keys than the queue holds are refused",),
    ("B1", "gradient_into_keys"): ("The gradient reaches the queries, and neither keys nor queue",),
    ("B2", "eps_left_out"): ("Features with little spread",),
    ("B3", "unknown_method_accepted"): ("Another method is refused, and the correlation left as it was",),
    ("B4", "gradient_into_x"): ("The gradient reaches y, and not x",),
    ("B5", "divided_by_zero"): ("0 where the predictor maps a vector to 0",),
}


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], Row]:
    return {(row.question.id, row.mistake): row for row in fault_matrix(load_rubric())}


@pytest.mark.parametrize("fault", PURE, ids=lambda fault: " ".join(fault))
def test_what_one_check_asks_costs_that_check(rows: dict[tuple[str, str], Row], fault: tuple[str, str]) -> None:
    row = rows[fault]
    assert tuple(check.name for check in row.checks if not check.passed) == PURE[fault]
    assert row.lost == sum(check.max_points for check in row.checks if check.name in PURE[fault])


def test_the_command_shows_a_line_for_each_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--self-test", "--matrix", "--question", "B5"]) == 0
    told = capsys.readouterr().out
    assert "0.5  ...X.  divided_by_zero" in told
    assert "1.2" not in told


def test_the_matrix_belongs_to_the_self_test(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--matrix"])
    assert "--self-test" in capsys.readouterr().err
