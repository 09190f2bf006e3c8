"""Known mistakes in the align loss, question 1.3: the mean cosine stage by stage, and what is done there instead."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes.compose import common, said

QUESTION, TARGET = "1.3", "SSLLoss.align_loss"
FLOOR = 0.1


class Given:
    """What the loss is called with: two views, `[B, D]` each."""

    def __init__(self, loss: SSLLoss, z1: Tensor, z2: Tensor):
        self.loss, self.z1, self.z2, self.t = loss, z1, z2, loss.temperature
        self.size, self.features = z1.shape


def unit(z: Tensor) -> Tensor:
    """The rows, each of length 1."""
    return F.normalize(z, dim=1)


def standard(z: Tensor) -> Tensor:
    """Each feature with mean 0 and deviation 1 over the batch."""
    return (z - z.mean(0)) / z.std(0)


class Views(Given):
    """The two views as they enter."""

    def right(self):
        return self.z1, self.z2

    @said("no gradient reaches `z1`", "at where this function uses `detach` or `no_grad`")
    def align_first_view_detached(self):
        """The value is right, but no gradient reaches `z1`. The stop-gradient is `forward`'s business: look for
        `detach` or `no_grad` in this function."""
        return self.z1.detach(), self.z2

    @common("no gradient reaches `z2`", "at where this function uses `detach` or `no_grad`")
    def align_second_view_detached(self):
        """The value is right, but no gradient reaches `z2`. The stop-gradient is `forward`'s business: look for
        `detach` or `no_grad` in this function."""
        return self.z1, self.z2.detach()

    align_view_with_itself = lambda self: (self.z1, self.z1)
    """`z1` is compared with itself, so the result is always -1. Look at the names in the product."""
    align_second_view_with_itself = lambda self: (self.z2, self.z2)
    """`z2` is compared with itself, so the result is always -1. Look at the names in the product."""
    align_rows_reversed = lambda self: (self.z1, self.z2.flip(0))
    """The first image is compared with the last one, and so on. Look at what happens to the order of the rows."""
    align_rows_shifted = lambda self: (self.z1, self.z2.roll(1, 0))
    """Each first view is compared with the second view of another image. Look for a `roll` or an index that is off by
    one."""
    align_other_features = lambda self: (self.z1, self.z2.flip(1))
    """The features of one view are in another order than those of the other. Look at what a `flip` or a transpose does
    to the columns."""
    align_centred = lambda self: [z - z.mean(1, keepdim=True) for z in (self.z1, self.z2)]
    """Each row's mean is subtracted first, which gives correlations. Look at whether a cosine asks for that."""
    align_centred_over_batch = lambda self: [z - z.mean(0) for z in (self.z1, self.z2)]
    """Each feature is centred over the batch first. A cosine belongs to one pair of rows alone: look at what else of
    the batch enters it."""
    negative_features_clamped = lambda self: (self.z1.relu(), self.z2.relu())
    """Negative entries of the embeddings are set to 0 before they are compared. Look at what is done to `z1` and
    `z2`."""
    softmax_of_rows = lambda self: (self.z1.softmax(1), self.z2.softmax(1))
    """The rows went through a softmax before they are compared. Look at what the formula asks of them."""
    cosine_of_means = lambda self: (self.z1.mean(0, keepdim=True), self.z2.mean(0, keepdim=True))
    """The embeddings are averaged over the batch first, and one cosine is taken. Look at the order of the two."""

    @said("the batch is treated as one long vector", "at the arguments of the norm")
    def cosine_of_flattened_batch(self):
        """Each batch is treated as one long vector, or divided by the norm of the whole matrix. Every image has a
        cosine of its own: look at the arguments of the norm."""
        return self.z1.reshape(1, -1), self.z2.reshape(1, -1)

    align_half_precision = lambda self: [z.half().to(z.dtype) for z in (self.z1, self.z2)]
    """The embeddings were rounded to 16 bits, which costs digits. Look for `half()`, `float16` or `bfloat16`."""

    def align_arguments_changed(self):
        """The loss is right, but `z1` or `z2` is no longer what the caller passed in. Look for operations that end in
        an underscore, `/=` and assignments to slices."""
        for z in (self.z1, self.z2):
            z /= z.abs().max().item()
        return self.z1, self.z2

    def align_arguments_overwritten(self):
        """`z1` and `z2` are overwritten with values without a graph: the caller's tensors change, and no gradient
        reaches what they came from. Look at where the normalisation writes its result."""
        for z in (self.z1, self.z2):
            z.copy_(unit(z.detach()))
        return self.z1, self.z2


class Unit(Given):
    """The rows of both views, each of length 1."""

    def right(self):
        return [unit(z) for z in self.views]

    @common("the embeddings are not normalised", "at what turns an inner product into a cosine")
    def align_not_normalised(self):
        """The embeddings enter with the length they come with: these are inner products, not cosines. Look at what is
        missing between the two."""
        return self.views

    align_first_view_not_normalised = lambda self: (self.views[0], unit(self.views[1]))
    """The rows of `z1` still have the length they came with; only those of `z2` are normalised. Look at how many
    lengths a cosine depends on."""
    align_second_view_not_normalised = lambda self: (unit(self.views[0]), self.views[1])
    """The rows of `z2` still have the length they came with; only those of `z1` are normalised. Look at how many
    lengths a cosine depends on."""

    @said("columns are normalised in place of rows", "at the `dim` of the normalisation")
    def columns_normalised(self):
        """The columns are brought to length 1, not the rows. Look at the `dim` of the normalisation: which axis holds
        the features of one image?"""
        return [F.normalize(z, dim=0) for z in self.views]

    align_first_view_normalised_over_batch = lambda self: (F.normalize(self.views[0], dim=0), unit(self.views[1]))
    """The columns of `z1` are brought to length 1, while the rows of `z2` are. Look at the `dim` of the two
    normalisations."""
    align_second_view_normalised_over_batch = lambda self: (unit(self.views[0]), F.normalize(self.views[1], dim=0))
    """The columns of `z2` are brought to length 1, while the rows of `z1` are. Look at the `dim` of the two
    normalisations."""
    align_normalised_by_absolutes = lambda self: [F.normalize(z, p=1, dim=1) for z in self.views]
    """Rows are divided by the sum of their absolute entries. A cosine needs another norm: look at its `p`."""
    align_divided_by_squared_norms = lambda self: [z / z.square().sum(1, keepdim=True) for z in self.views]
    """Inner products are divided by the squared lengths of the rows. Look at how the length of a row is computed, and
    how often it divides."""
    divided_by_matrix_norms_and_averaged = lambda self: [z / z.norm() for z in self.views]
    """Each batch is divided by the norm of its whole matrix before the mean over images is taken. Every row has a
    length of its own: look at the arguments of the norm."""
    divided_by_first_length_twice = lambda self: (
        self.views[0] / self.views[0].square().sum(1, keepdim=True),
        self.views[1],
    )
    """The length of the row of `z1` divides twice, and that of `z2` not at all. Look at the names below the fraction
    line."""
    divided_by_second_length_twice = lambda self: (
        self.views[0],
        self.views[1] / self.views[1].square().sum(1, keepdim=True),
    )
    """The length of the row of `z2` divides twice, and that of `z1` not at all. Look at the names below the fraction
    line."""
    align_norm_with_a_floor = lambda self: [z / z.norm(dim=1, keepdim=True).clamp(min=FLOOR) for z in self.views]
    """Short embeddings are not brought to length 1: the norm is kept above a number. Look for `clamp`, `maximum` or a
    large `eps` at the normalisation."""
    align_norm_enlarged = lambda self: [z / (z.norm(dim=1, keepdim=True) + FLOOR) for z in self.views]
    """A number is added to the norm that is not small compared with it, so no embedding gets length 1. Look at what the
    rows are divided by."""
    align_norms_detached = lambda self: [z / z.norm(dim=1, keepdim=True).detach() for z in self.views]
    """The value is right, but the lengths of the rows count as constants in the gradient. Look for `detach`, `data` or
    `no_grad` in the normalisation."""
    align_features_standardised = lambda self: [standard(z) for z in self.views]
    """Features are standardised over the batch and multiplied, which is not the cosine of rows. Look at what
    'normalised' means for one image alone."""
    softmaxes_multiplied = lambda self: [z.softmax(1) for z in self.views]
    """The rows went through a softmax, and the products are added up. Look at what the formula asks of the rows."""

    def align_arguments_changed_through_data(self):
        """`z1` and `z2` are normalised in place through `data`: the caller's tensors change, and the gradient does not
        know of it. Look at where the normalisation writes its result."""
        for z in self.views:
            z.data = unit(z.data)
        return self.views

    def align_arguments_divided_by_detached_norm(self):
        """`z1` and `z2` are normalised in place with lengths that carry no gradient: the caller's tensors change, and
        the gradient is not the right one. Look at where the normalisation writes its result."""
        for z in self.views:
            z.div_(z.norm(dim=1, keepdim=True).detach())
        return self.views


class Alike(Given):
    """How alike the two views of each image are, `[B]`."""

    def right(self):
        return (self.unit[0] * self.unit[1]).sum(1)

    @common("the products are averaged over features as well", "at the axis of each reduction")
    def averaged_over_features_too(self):
        """The products of entries are averaged over features and images, where a cosine is a sum over features. Look at
        the two axes and how each is reduced."""
        return (self.unit[0] * self.unit[1]).mean(1)

    @said("the cosines are those of columns", "at the `dim`")
    def cosines_of_columns(self):
        """The cosines are those of columns, a feature over the batch, and not those of rows. Look at the `dim`: which
        axis holds the features of one image?"""
        return F.cosine_similarity(*self.views, dim=0)

    @said(
        "every first view is compared with every second view", "at which entries of the matrix belong to matching rows"
    )
    def all_pairs_averaged(self):
        """Every first view is compared with every second view, not only with its own. Look at which entries of the
        matrix of products belong to matching rows."""
        return self.unit[0] @ self.unit[1].T

    all_pairs_summed_over_batch = lambda self: (self.unit[0] @ self.unit[1].T).sum(1)
    """Every first view is compared with every second view, and their sum is divided by B. Look at which entries of the
    matrix of products belong to matching rows."""

    def symmetric_with_stop_gradient(self):
        """The value is right, but each gradient is half as large as it should be: both directions are averaged, each
        with one view held constant. The stop-gradient is `forward`'s business: look for `detach` in this function."""
        one, other = self.unit
        return (one * other.detach() + one.detach() * other).sum(1) / 2

    def both_directions_added_with_stop_gradient(self):
        """The gradient is right and the value is twice as large as it should be: both directions are added up, each
        with one view held constant. Both are `forward`'s business: look at what this function is to return."""
        one, other = self.unit
        return (one * other.detach() + one.detach() * other).sum(1)

    align_divided_by_sum_of_norms = lambda self: (
        (self.views[0] * self.views[1]).sum(1) / (self.views[0].norm(dim=1) + self.views[1].norm(dim=1))
    )
    """Inner products are divided by the sum of the two lengths. Look at how the two lengths are combined in a
    cosine."""
    squared_error_of_normalised = lambda self: -(self.unit[0] - self.unit[1]).square()
    """The result is the mean squared error of normalised rows. Compare it with the formula of the handout, and look at
    what `mse_loss` averages over."""
    minus_squared_error_of_normalised = lambda self: (self.unit[0] - self.unit[1]).square()
    """The result is minus the mean squared error of normalised rows: it has the wrong sign for a loss, and another
    value than the cosine. Look at which similarity the formula names."""
    absolute_error_of_normalised = lambda self: -(self.unit[0] - self.unit[1]).abs()
    """The result is the mean absolute error of normalised rows. Look at which similarity the formula names."""
    distance_of_normalised = lambda self: -(self.unit[0] - self.unit[1]).norm(dim=1)
    """The result is the mean Euclidean distance of normalised rows. Look at which similarity the formula names."""

    @said("the rows are compared by a squared error", "at which similarity the formula names")
    def squared_error(self):
        """The result is the mean squared error of the embeddings as they come. The formula of the handout compares
        directions only: look at which similarity it names."""
        return -(self.views[0] - self.views[1]).square()

    absolute_error = lambda self: -(self.views[0] - self.views[1]).abs()
    """The result is the mean absolute error of the embeddings as they come. Look at which similarity the formula
    names."""
    squared_distance_of_rows = lambda self: -(self.views[0] - self.views[1]).square().sum(1)
    """The result is the mean squared distance of the rows as they come. The formula compares directions only: look at
    which similarity it names."""
    distance_of_rows = lambda self: -(self.views[0] - self.views[1]).norm(dim=1)
    """The result is the mean Euclidean distance of the rows as they come. Look at which similarity the formula
    names."""
    align_float32_only = lambda self: (self.unit[0] @ self.unit[1].float().T).diagonal()
    """Embeddings in float64 meet a tensor in float32, and PyTorch refuses. Look for `float()`, `torch.zeros` or
    `torch.ones` without the dtype of the input."""


class Terms(Given):
    """What is small where the two views agree."""

    def right(self):
        return -self.alike

    @common("the cosine is subtracted from 1", "at the constant in the formula of the handout")
    def one_minus_cosine(self):
        """The result is 1 minus the mean cosine: a distance. Compare the constant with the formula of the handout."""
        return 1 - self.alike

    @common("the cosine is turned into a squared distance", "at factor and constant in the formula of the handout")
    def two_minus_two_cosines(self):
        """The result is the squared distance of normalised rows, as the BYOL paper writes it. Compare factor and
        constant with the formula of the handout."""
        return 2 - 2 * self.alike

    mean_angle = lambda self: self.alike.acos()
    """The result is the mean angle between the views. Look at whether the formula takes the angle or its cosine."""
    pairs_taken_for_different = lambda self: self.alike.relu()
    """The two views of each image are treated as a pair that should differ: only cosines above 0 count. Look at the
    targets that you pass on."""
    negative_cosines_clamped = lambda self: -self.alike.relu()
    """Cosines below 0 are replaced by 0, so views that point apart give no gradient. Look at what is done to the
    cosines before the mean."""
    align_absolute = lambda self: -self.alike.abs()
    """Opposite views count as similar, because the sign of the cosines is lost in an absolute value."""
    align_squared = lambda self: -self.alike.square()
    """The cosines are squared, so opposite views count as similar. Look at what is done to them before the mean."""
    align_logarithm = lambda self: -self.alike.log()
    """A logarithm is taken of the cosines. Look at which of the two losses has one."""
    align_exponential = lambda self: -self.alike.exp()
    """Exponentials are taken of the cosines. Look at which of the two losses has them."""


class Sign(Given):
    """The side on which less is better."""

    def right(self):
        return self.terms

    @common("the sign is missing", "at which direction makes a loss good")
    def align_sign_missing(self):
        """The sign is missing: this loss is largest where the two views agree. Look at which direction makes a loss
        good."""
        return -self.terms


class Mean(Given):
    """One number of all images."""

    def right(self):
        return self.sign.mean()

    @common("the cosines are added up without being averaged", "at the reduction")
    def cosines_summed(self):
        """The cosines of the batch are added up without being averaged. Look at the reduction."""
        return self.sign.sum()

    cosines_divided_by_features = lambda self: self.sign.sum() / self.features
    """The sum of the cosines is divided by the number of features, or products are summed over the batch and averaged
    over the features. Look at the axis of each step: which one counts the images?"""
    diagonal_averaged_over_matrix = lambda self: self.sign.mean() / self.size
    """The cosines of matching rows are added up and divided by B twice. Look for a mean over a matrix whose other
    entries are masked, or for a mean and a division one after the other."""
    align_divided_by_4 = lambda self: self.sign.sum() / 4
    """The sum of the cosines is divided by 4, whatever the size of the batch. Look for a number in your code that
    should come from the shape of the input."""
    align_largest_only = lambda self: self.sign.min()
    """Only the best matching pair counts. Look at the reduction: a maximum is not a mean."""
    smallest_only = lambda self: self.sign.max()
    """Only the worst matching pair counts. Look at the reduction: a minimum is not a mean."""
    align_first_image_only = lambda self: self.sign[0]
    """Only the first image counts. Look at the indentation of `return`, or at an index after the cosines."""
    align_last_image_left_out = lambda self: self.sign[:-1].mean()
    """The last image does not count. Look at where the loop or the slice over the batch ends."""

    @said("one number per image comes back", "at the last step")
    def align_not_reduced(self):
        """One number per image comes back. Look at whether the result of the last step is a single number."""
        return self.sign

    align_column_returned = lambda self: self.sign[:, None]
    """One number per image comes back, in a column. Look at whether the result of the last step is a single number."""


class Factor(Given):
    """What multiplies the finished loss."""

    def right(self):
        return self.mean

    @common("there is a factor 1/2", "at the factors before the mean")
    def align_halved(self):
        """The result is half as large as it should be. The factor 1/2 of the symmetric loss is `forward`'s business:
        look for it in this function."""
        return self.mean / 2

    @common("there is a factor 2", "at the factors before the mean")
    def align_doubled(self):
        """The result is twice as large as it should be. Look for a factor 2, or for both directions added up, which is
        `forward`'s business."""
        return 2 * self.mean

    @said("the cosines are divided by the temperature", "at which of the two losses has one")
    def align_divided_by_temperature(self):
        """The cosines are divided by the temperature. Look at which of the two losses has one."""
        return self.mean / self.t

    @said("the cosines are multiplied by the temperature", "at which of the two losses has one")
    def align_multiplied_by_temperature(self):
        """The cosines are multiplied by the temperature. Look at which of the two losses has one."""
        return self.mean * self.t

    lengths_from_means = lambda self: self.mean * self.features
    """The result is D times as large as it should be: lengths come from a mean over the features where they need a sum,
    or a sum over features was added to a cosine. Look at how each length is computed."""


class Result(Given):
    """What is returned."""

    def right(self):
        return self.factor

    @said("no gradient reaches either view", "at where `detach`, `no_grad` or a new tensor cuts the graph")
    def align_graph_cut(self):
        """The value is right, but no gradient reaches either view. Look for `no_grad`, `detach`, `data` or a new
        tensor (`torch.tensor`, NumPy); `requires_grad_()` on the result does not bring the graph back."""
        return self.factor.detach()

    @said("a plain number comes back, without a graph", "at what is done to the result near the end")
    def align_number_returned(self):
        """A plain number comes back, so there is nothing to differentiate. Look for `item()`, `float()` or NumPy near
        the end."""
        return self.factor.item()

    align_nothing_returned = lambda self: None
    """The function returns None. Look at its last line, and at the branches that end without `return`."""
    align_tuple_returned = lambda self: (self.factor,)
    """A tuple comes back where the loss alone is asked for. Look at what stands behind `return`: a stray comma makes a
    tuple too."""
    align_list_returned = lambda self: list(self.sign)
    """A list comes back where one tensor is asked for. Look at what becomes of the cosines that you collect."""
    align_dict_returned = lambda self: {"loss": self.factor}
    """A dict comes back where the loss alone is asked for. Look at what stands behind `return`."""
    align_shape_1_returned = lambda self: self.factor.view(1)
    """The value is right, but it comes in a tensor of shape [1], not in a 0-d one. Look for `view(1)`, `keepdim` or a
    start value with an axis."""
    align_shape_1_1_returned = lambda self: self.factor.view(1, 1)
    """The value is right, but it comes in a tensor of shape [1, 1], not in a 0-d one. Look for `keepdim`, or a product
    of two matrices at the end."""


class Whole(Given):
    """Mistakes that are not compositions: another loss, or an exception."""

    contrastive_for_align = lambda self: self.loss.contrastive_loss(self.z1, self.z2)
    """This is the contrastive loss: it has negatives and a temperature. Look at which of the two losses this function
    is to return."""
    cross_entropy_of_rows = lambda self: -(self.z2.softmax(1) * self.z1.log_softmax(1)).sum(1).mean()
    """The rows are compared as probabilities, by a cross-entropy of their softmaxes, as DINO does. Look at which
    similarity the formula names."""

    def align_changed_what_the_gradient_needs(self):
        """A tensor is changed in place after PyTorch has kept it for the gradient, so `backward()` raises. Look for
        `/=` and assignments to slices on `z1` and `z2`."""
        for z in (self.z1, self.z2):
            z /= z.norm(dim=1, keepdim=True)
        return -(self.z1 * self.z2).sum(1).mean()

    align_matrix_product = lambda self: -(unit(self.z1) @ unit(self.z2)).mean()
    """`z1` and `z2` are multiplied as matrices, and their axes do not fit. Look at whether matching rows need a product
    of matrices at all."""
    align_dot_of_matrices = lambda self: -torch.dot(self.z1, self.z2)
    """`torch.dot` takes two vectors, and these are matrices with a vector in each row. Look at the axis over which the
    products of entries are to be summed."""
    align_shapes_that_do_not_fit = lambda self: (
        -(self.z1 / self.z1.norm(dim=1) * self.z2 / self.z2.norm(dim=1)).sum(1).mean()
    )
    """Two tensors of different shapes are combined entry by entry. Look at the shape of a norm: without `keepdim` it
    loses an axis."""
    align_numpy_of_tensor_with_graph = lambda self: (self.z1 * self.z2).sum().numpy()
    """NumPy cannot take a tensor that is part of a graph, and it would cut the graph. Look for `numpy()` and NumPy
    functions: PyTorch has the same ones."""


STAGES = (Views, Unit, Alike, Terms, Sign, Mean, Factor, Result)
