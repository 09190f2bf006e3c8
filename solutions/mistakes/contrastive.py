"""Known mistakes in the contrastive loss, question 1.2: NT-Xent stage by stage, and what is done there instead."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from criterion import SSLLoss
from mistakes.compose import common, said

QUESTION, TARGET = "1.2", "SSLLoss.contrastive_loss"
INFINITY = float("inf")
FLOOR = 0.1


class Given:
    """What the loss is called with; rows and columns of a matrix `[2B, 2B]` belong to the views of `[z1; z2]`.

    Two matrices go side by side, the first for numerators, the second for denominators. `rows` are the anchors that
    have a denominator, `weight` multiplies the finished loss.
    """

    def __init__(self, loss: SSLLoss, z1: Tensor, z2: Tensor):
        self.loss, self.z1, self.z2, self.t = loss, z1, z2, loss.temperature
        self.size = len(z1)
        self.rows, self.weight = slice(None), 1.0

    @property
    def joined(self):
        return torch.cat(self.views)

    def half(self):
        """Where both views come from the same half of the batch: `[2B, 2B]`."""
        first = torch.arange(2 * self.size) < self.size
        return first[:, None] == first

    def at(self, index):
        """The entries of the numerators' matrix in the columns `index`, `[2B]`."""
        return self.logits[0].gather(1, index[:, None])[:, 0]

    def left(self, index):
        """The same where the columns are counted without the diagonal."""
        return self.at(index + (index >= torch.arange(len(index))))

    def keep_own(self):
        self.logits = self.logits[0], self.scaled[1]

    def without_positive(self, value=-INFINITY):
        """The denominators' matrix without the positives."""
        return self.logits[1].masked_fill(twin(self.logits[1]), value)

    def across(self, rows):
        """Logarithms of denominators over the views of the other half alone, for the anchors in `rows`."""
        self.rows = rows
        return self.logits[1].masked_fill(self.half(), -INFINITY)[rows]

    def similar(self):
        """For mistakes that are not compositions: cosines over the temperature, `[2B, 2B]`."""
        z = F.normalize(torch.cat([self.z1, self.z2]), dim=1)
        return z @ z.T / self.t

    def one_way(self):
        """For another loss: that of each first view among the second views only, `[B]`, and the other way round."""
        s = self.similar()[: self.size, self.size :]
        return s.logsumexp(1) - s.diagonal(), s.logsumexp(0) - s.diagonal()


def own(s: Tensor) -> Tensor:
    """Where a view meets itself: a mask of the shape of `s`."""
    return torch.eye(len(s), dtype=torch.bool, device=s.device)


def twin(s: Tensor) -> Tensor:
    """Where a view meets the other view of its image: a mask of the shape of `s`."""
    return own(s).roll(len(s) // 2, 0)


def index(s: Tensor) -> Tensor:
    """The column of each row's positive: `[2B]`."""
    return torch.arange(len(s), device=s.device).roll(len(s) // 2)


def twice(s: Tensor) -> tuple[Tensor, Tensor]:
    """One matrix for numerators and denominators."""
    return s, s


def each(pair: tuple[Tensor, Tensor], change: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Both matrices changed; one that is the same is changed once."""
    first = change(pair[0])
    return first, first if pair[0] is pair[1] else change(pair[1])


class Views(Given):
    """The two views as they enter, `[B, D]` each."""

    def right(self):
        return self.z1, self.z2

    first_view_used_twice = lambda self: (self.z1, self.z1)
    """`z2` has no influence on the result: both halves of the batch are `z1`. Look at the names where the views are put
    together."""
    second_view_used_twice = lambda self: (self.z2, self.z2)
    """`z1` has no influence on the result: both halves of the batch are `z2`. Look at the names where the views are put
    together."""

    @said("no gradient reaches `z1`", "at where this function uses `detach` or `no_grad`")
    def first_view_detached(self):
        """The value is right, but no gradient reaches `z1`. The stop-gradient is `forward`'s business: look for
        `detach` or `no_grad` in this function."""
        return self.z1.detach(), self.z2

    @common("no gradient reaches `z2`", "at where this function uses `detach` or `no_grad`")
    def second_view_detached(self):
        """The value is right, but no gradient reaches `z2`. The stop-gradient is `forward`'s business: look for
        `detach` or `no_grad` in this function."""
        return self.z1, self.z2.detach()

    @said(
        "the two views of an image lie side by side while positives are looked for B rows apart",
        "at how the views are put together",
    )
    def views_interleaved(self):
        """The two views of an image lie next to each other in your matrix, while the positives are looked for B rows
        apart. Look at how the views are put together (`stack`, `view`, `repeat_interleave`)."""
        return torch.stack([self.z1, self.z2], dim=1).flatten(0, 1).chunk(2)

    def arguments_changed(self):
        """The loss is right, but `z1` or `z2` is no longer what the caller passed in. Look for operations that end in
        an underscore, `/=` and assignments to slices."""
        for z in (self.z1, self.z2):
            z /= z.abs().max().item()
        return self.z1, self.z2

    def arguments_overwritten(self):
        """`z1` and `z2` are overwritten with values without a graph: the caller's tensors change, and no gradient
        reaches what they came from. Look at where the normalisation writes its result."""
        for z in (self.z1, self.z2):
            z.copy_(F.normalize(z.detach(), dim=1))
        return self.z1, self.z2


class Unit(Given):
    """All views brought to length 1, `[2B, D]`, for numerators and for denominators."""

    def right(self):
        return twice(F.normalize(self.joined, dim=1))

    @common("the embeddings are not normalised", "at what turns an inner product into a cosine similarity")
    def no_normalisation(self):
        """The embeddings enter with the length they come with, so long rows dominate. Look at what turns an inner
        product into a cosine similarity."""
        return twice(self.joined)

    @said("columns are normalised in place of rows", "at the `dim` of the normalisation")
    def normalised_over_batch(self):
        """The columns are brought to length 1, not the rows. Look at the `dim` of the normalisation: which axis holds
        the features of one view?"""
        return twice(F.normalize(self.joined, dim=0))

    each_view_normalised_over_batch = lambda self: twice(torch.cat([F.normalize(z, dim=0) for z in self.views]))
    """The columns of `z1` and of `z2` are brought to length 1, not their rows. Look at the `dim` of the two
    normalisations."""
    first_view_not_normalised = lambda self: twice(torch.cat([self.views[0], F.normalize(self.views[1], dim=1)]))
    """The rows of `z1` still have the length they came with; only those of `z2` are normalised. Look at what happens to
    each of the two before they are compared."""
    second_view_not_normalised = lambda self: twice(torch.cat([F.normalize(self.views[0], dim=1), self.views[1]]))
    """The rows of `z2` still have the length they came with; only those of `z1` are normalised. Look at what happens to
    each of the two before they are compared."""
    divided_by_norm_of_matrix = lambda self: twice(self.joined / self.joined.norm())
    """All views are divided by one number, the norm of the whole matrix. Each row has a length of its own: look at the
    arguments of the norm."""
    each_view_divided_by_norm_of_matrix = lambda self: twice(torch.cat([z / z.norm() for z in self.views]))
    """`z1` and `z2` are each divided by one number, the norm of the whole matrix. Each row has a length of its own:
    look at the arguments of the norm."""
    normalised_by_sum_of_absolutes = lambda self: twice(F.normalize(self.joined, p=1, dim=1))
    """Rows are divided by the sum of their absolute entries. Cosine similarity needs another norm: look at its `p`."""
    divided_by_squared_norm = lambda self: twice(self.joined / self.joined.square().sum(1, keepdim=True))
    """Rows are divided by their squared length, so they do not end up with length 1. Look at how the length of a row is
    computed, and how often it divides."""
    positives_not_normalised = lambda self: (self.joined, F.normalize(self.joined, dim=1))
    """The positive's similarity is a plain inner product, while the denominator uses cosine similarities. Look at which
    tensors each of the two is computed from."""
    denominator_not_normalised = lambda self: (F.normalize(self.joined, dim=1), self.joined)
    """The denominator is made of plain inner products, while the positive is a cosine similarity. Look at which tensors
    each of the two is computed from."""

    def positive_with_first_view_not_normalised(self):
        """In the positive's similarity the rows of `z1` still have the length they came with; in the denominator all is
        normalised. Look at which tensors the positive is computed from."""
        z1, z2 = self.views
        return torch.cat([z1, F.normalize(z2, dim=1)]), F.normalize(self.joined, dim=1)

    def positive_with_second_view_not_normalised(self):
        """In the positive's similarity the rows of `z2` still have the length they came with; in the denominator all is
        normalised. Look at which tensors the positive is computed from."""
        z1, z2 = self.views
        return torch.cat([F.normalize(z1, dim=1), z2]), F.normalize(self.joined, dim=1)

    norm_detached = lambda self: twice(self.joined / self.joined.norm(dim=1, keepdim=True).detach())
    """The value is right, but the lengths of the rows count as constants in the gradient. Look for `detach`, `data` or
    `no_grad` in the normalisation."""
    norm_with_a_floor = lambda self: twice(self.joined / self.joined.norm(dim=1, keepdim=True).clamp(min=FLOOR))
    """Short embeddings are not brought to length 1: the norm is kept above a number. Look for `clamp`, `maximum` or a
    large `eps` at the normalisation."""
    norm_enlarged = lambda self: twice(self.joined / (self.joined.norm(dim=1, keepdim=True) + FLOOR))
    """A number is added to the norm that is not small compared with it, so no embedding gets length 1. Look at what the
    rows are divided by."""
    multiplied_by_norm = lambda self: twice(self.joined * self.joined.norm(dim=1, keepdim=True))
    """The rows are multiplied by their length, where normalising divides by it."""
    features_standardised = lambda self: twice((self.joined - self.joined.mean(0)) / self.joined.std(0))
    """Features are standardised over the batch, as batch norm does; that is not what makes a cosine similarity. Look at
    what 'normalised' means for one view alone."""

    def rows_standardised(self):
        """Each row has its mean subtracted and is divided by its standard deviation; it does not end up with length 1.
        Look at what 'normalised' means here."""
        z = self.joined
        return twice((z - z.mean(1, keepdim=True)) / z.std(1, keepdim=True))

    rows_centred = lambda self: twice(F.normalize(self.joined - self.joined.mean(1, keepdim=True), dim=1))
    """Each row's mean is subtracted before it is normalised, which gives correlations. Look at whether cosine
    similarity asks for that."""
    softmax_for_normalisation = lambda self: twice(self.joined.softmax(1))
    """The rows went through a softmax, so they have sum 1 and no negative entries. Look at what 'L2-normalised' asks
    for."""

    def first_view_normalised_over_batch(self):
        """The columns of `z1` are brought to length 1, while the rows of `z2` are. Look at the `dim` of the two
        normalisations."""
        z1, z2 = self.views
        return twice(torch.cat([F.normalize(z1, dim=0), F.normalize(z2, dim=1)]))

    def second_view_normalised_over_batch(self):
        """The columns of `z2` are brought to length 1, while the rows of `z1` are. Look at the `dim` of the two
        normalisations."""
        z1, z2 = self.views
        return twice(torch.cat([F.normalize(z1, dim=1), F.normalize(z2, dim=0)]))

    def arguments_changed_through_data(self):
        """`z1` and `z2` are normalised in place through `data`: the caller's tensors change, and the gradient does not
        know of it. Look at where the normalisation writes its result."""
        for z in self.views:
            z.data = F.normalize(z.data, dim=1)
        return twice(self.joined)

    def arguments_divided_by_detached_norm(self):
        """`z1` and `z2` are normalised in place with lengths that carry no gradient: the caller's tensors change, and
        the gradient is not the right one. Look at where the normalisation writes its result."""
        for z in self.views:
            z.div_(z.norm(dim=1, keepdim=True).detach())
        return twice(self.joined)


class Products(Given):
    """How alike all views are to all views, `[2B, 2B]`."""

    def right(self):
        return each(self.unit, lambda z: z @ z.T)

    divided_by_anchor_norm_only = lambda self: twice(self.joined @ self.joined.T / self.joined.norm(dim=1)[:, None])
    """Inner products are divided by the length of only one of the two views, the anchor. Look at how many lengths a
    cosine similarity depends on."""
    divided_by_other_norm_only = lambda self: twice(self.joined @ self.joined.T / self.joined.norm(dim=1))
    """Inner products are divided by the length of only one of the two views, the one that the anchor is compared with.
    Look at how many lengths a cosine similarity depends on."""

    def distance_for_similarity(self):
        """Views are compared by minus their Euclidean distance. Look at which similarity the formula names."""
        z = self.unit[0]
        return twice(-(z[:, None] - z).square().sum(2).clamp(min=1e-12).sqrt())

    def plain_distance_for_similarity(self):
        """Views are compared by minus the Euclidean distance of rows that are not normalised. Look at which similarity
        the formula names."""
        z = self.joined
        return twice(-(z[:, None] - z).square().sum(2).clamp(min=1e-12).sqrt())

    squared_distance_for_similarity = lambda self: each(self.unit, lambda z: 2 * z @ z.T)
    """Similarities vary twice as much as they should. Minus the squared distance of normalised rows does that, and so
    does a factor 2: look at how two views are compared."""
    similarity_sign_flipped = lambda self: each(self.unit, lambda z: -z @ z.T)
    """Similar views count as different and the reverse. Look at the sign of what goes into the exponentials: a distance
    such as '1 - cosine' is large where a similarity is small."""
    absolute_similarity = lambda self: each(self.unit, lambda z: (z @ z.T).abs())
    """Opposite views count as similar, because the sign of the similarities is lost in an absolute value."""
    squared_similarity = lambda self: each(self.unit, lambda z: (z @ z.T).square())
    """The similarities are squared, so opposite views count as similar. Look at what is done to the cosines before they
    are divided by the temperature."""
    negative_similarities_clamped = lambda self: each(self.unit, lambda z: (z @ z.T).relu())
    """Similarities below 0 are replaced by 0 (a clamp or a ReLU), so views that point apart give no gradient. Look at
    what is done to the cosines."""
    similarity_moved_to_0_1 = lambda self: each(self.unit, lambda z: z @ z.T / 2)
    """Similarities vary half as much as they should, as if they had been mapped from [-1, 1] to [0, 1] or divided by 2.
    Look at what is done to the cosines."""
    similarities_averaged_over_features = lambda self: each(self.unit, lambda z: z @ z.T / z.shape[1])
    """The similarities are means over the features where a cosine is a sum, so they are D times too small. Look at how
    the product of two rows is reduced."""

    def positive_averaged_over_features(self):
        """The positive's similarity is a mean over the features, while those of the denominator are sums. Look at how
        the product of two rows is reduced."""
        one, other = self.unit
        return one @ one.T / one.shape[1], other @ other.T

    def denominator_from_second_view(self):
        """The positive is right, but the denominator compares second views with second views only, each twice. Look at
        the names where the views are put together."""
        one, other = self.unit
        second = other[self.size :].repeat(2, 1)
        return one @ one.T, second @ second.T

    def denominator_from_first_view(self):
        """The positive is right, but the denominator compares first views with first views only, each twice. Look at
        the names where the views are put together."""
        one, other = self.unit
        first = other[: self.size].repeat(2, 1)
        return one @ one.T, first @ first.T

    compared_views_detached = lambda self: each(self.unit, lambda z: z @ z.detach().T)
    """The value is right, but gradients flow into each view as an anchor only, not as what others are compared with.
    Look for `detach` in the product of the views."""
    anchors_detached = lambda self: each(self.unit, lambda z: z.detach() @ z.T)
    """The value is right, but no gradient flows into a view as an anchor, only as what others are compared with. Look
    for `detach` in the product of the views."""
    float32_only = lambda self: each(self.unit, lambda z: z @ z.float().T)
    """Embeddings in float64 meet a tensor in float32, and PyTorch refuses. Look for `float()`, `torch.zeros` or
    `torch.ones` without the dtype of the input."""


class Scaled(Given):
    """Similarities over the temperature, `[2B, 2B]`."""

    def right(self):
        return each(self.products, lambda s: s / self.t)

    @common("the temperature has no effect", "at where the temperature belongs")
    def temperature_without_effect(self):
        """The temperature has no effect. Either it is not used, or it cancels: check whether you divide before the
        normalisation, or after the exponentials, where numerator and denominator share it."""
        return self.products

    @said("similarities are multiplied by the temperature", "at what a lower temperature should do")
    def multiplied_by_temperature(self):
        """Similarities are multiplied by the temperature. Look at what a lower temperature should do to them."""
        return each(self.products, lambda s: s * self.t)

    @common("the temperature is always 0.5", "at the number that should be an attribute")
    def temperature_fixed_at_0_5(self):
        """The temperature is always 0.5, whatever the loss was built with. Look for a number in your code that should
        be an attribute."""
        return each(self.products, lambda s: s / 0.5)

    @said("the temperature is always 0.1", "at the number that should be an attribute")
    def temperature_fixed_at_0_1(self):
        """The temperature is always 0.1, whatever the loss was built with. Look for a number in your code that should
        be an attribute."""
        return each(self.products, lambda s: s / 0.1)

    @said("the temperature is always 0.07", "at the number that should be an attribute")
    def temperature_fixed_at_0_07(self):
        """The temperature is always 0.07, whatever the loss was built with. Look for a number in your code that should
        be an attribute."""
        return each(self.products, lambda s: s / 0.07)

    @said("the temperature is always 0.2", "at the number that should be an attribute")
    def temperature_fixed_at_0_2(self):
        """The temperature is always 0.2, whatever the loss was built with. Look for a number in your code that should
        be an attribute."""
        return each(self.products, lambda s: s / 0.2)

    @said("only the positive's similarity is divided by the temperature", "at both places where similarities are used")
    def temperature_on_positives_only(self):
        """Only the positive's similarity is divided by the temperature; the denominator's are not. Look at both places
        where similarities are used."""
        return self.products[0] / self.t, self.products[1]

    @said(
        "only the denominator's similarities are divided by the temperature",
        "at both places where similarities are used",
    )
    def temperature_on_denominator_only(self):
        """Only the denominator's similarities are divided by the temperature; the positive's is not. Look at both
        places where similarities are used."""
        return self.products[0], self.products[1] / self.t

    positive_multiplied_by_temperature = lambda self: (self.products[0] * self.t, self.products[1] / self.t)
    """The positive's similarity is multiplied by the temperature, while those of the denominator are divided by it.
    Look at both places where the temperature stands."""
    denominator_multiplied_by_temperature = lambda self: (self.products[0] / self.t, self.products[1] * self.t)
    """The denominator's similarities are multiplied by the temperature, while the positive's is divided by it. Look at
    both places where the temperature stands."""
    divided_by_temperature_twice = lambda self: each(self.products, lambda s: s / self.t**2)
    """The temperature divides twice. If each view is divided by it before the inner product, look at how often it then
    occurs in a product of two views."""
    divided_by_root_of_temperature = lambda self: each(self.products, lambda s: s / self.t**0.5)
    """Similarities are divided by the square root of the temperature. Look at which power of it reaches a product of
    two views."""
    temperature_missing_between_views = lambda self: each(
        self.products, lambda s: torch.where(self.half(), s / self.t, s)
    )
    """Similarities of first views with second views are not divided by the temperature; those within one half of the
    batch are. Look at each place where similarities are computed."""
    temperature_missing_within_views = lambda self: each(
        self.products, lambda s: torch.where(self.half(), s, s / self.t)
    )
    """Similarities within one half of the batch are not divided by the temperature; those of first views with second
    views are. Look at each place where similarities are computed."""

    @said(
        "the temperature divides the finished loss in place of the similarities",
        "at where the temperature stands in the formula",
    )
    def temperature_on_the_loss(self):
        """The temperature divides the finished loss, not the similarities. Look at where it stands in the formula."""
        self.weight = 1 / self.t
        return self.products

    divided_by_root_of_features = lambda self: each(self.products, lambda s: s / self.z1.shape[1] ** 0.5)
    """The similarities are divided by the root of the number of features, as in attention. Look at what scales them
    here."""
    divided_by_root_of_features_too = lambda self: each(self.products, lambda s: s / self.t / self.z1.shape[1] ** 0.5)
    """The similarities are divided by the temperature and by the root of the number of features, as in attention. Look
    at what scales them here."""
    half_precision = lambda self: each(self.products, lambda s: (s / self.t).half().to(s.dtype))
    """The similarities were rounded to 16 bits, which costs digits. Look for `half()`, `float16` or `bfloat16`."""


class Others(Given):
    """The denominators' matrix without what a view has with itself."""

    def right(self):
        return self.scaled[1].masked_fill(own(self.scaled[1]), -INFINITY)

    @common("each view is still in its own denominator", "at which entries of the similarity matrix the sum runs over")
    def own_similarity_kept(self):
        """The view itself is still in its own denominator. Look at which entries of the similarity matrix the sum runs
        over."""
        return self.scaled[1]

    @common(
        "each view's similarity with itself is set to 0 and still counts as exp(0) = 1",
        "at the side of the exponential on which you mask",
    )
    def own_similarity_set_to_zero(self):
        """The view's similarity with itself is set to 0 and still counts: look at what the exponential makes of a 0,
        and at which side of it the mask belongs for the value you use."""
        return self.scaled[1].masked_fill(own(self.scaled[1]), 0.0)

    own_similarity_set_to_minus_one = lambda self: self.scaled[1].masked_fill(own(self.scaled[1]), -1.0)
    """The view's similarity with itself is set to -1 and still counts: look at what the exponential makes of it. Which
    value would make it vanish?"""
    own_cosine_set_to_minus_one = lambda self: self.scaled[1].masked_fill(own(self.scaled[1]), -1 / self.t)
    """The view's cosine with itself is set to -1, divided by the temperature, and still counts. Look at what the
    exponential makes of it. Which value would make it vanish?"""

    def own_similarity_kept_for_second_views(self):
        """The mask takes out the view itself for the first B rows only. Look at how large the mask is, or how far the
        loop over it runs."""
        s = self.scaled[1]
        return s.masked_fill(own(s) & (torch.arange(len(s)) < self.size), -INFINITY)

    def own_similarity_kept_for_first_views(self):
        """The mask takes out the view itself for the last B rows only. Look at how large the mask is, or where the loop
        over it starts."""
        s = self.scaled[1]
        return s.masked_fill(own(s) & (torch.arange(len(s)) >= self.size), -INFINITY)

    own_similarity_counted_twice = lambda self: self.scaled[1] + math.log(2) * own(self.scaled[1])
    """The view itself is in its own denominator twice: it was added where it should be taken out. Look at the sign with
    which it enters the sum."""
    own_similarity_reduced_by_one = lambda self: self.scaled[1] - own(self.scaled[1]).to(self.z1.dtype)
    """Only 1 is subtracted from each view's similarity with itself, so it still counts. Look at how much has to be
    subtracted before the exponential makes it vanish."""
    mask_for_4_images = lambda self: self.scaled[1].masked_fill(torch.eye(8, dtype=torch.bool), -INFINITY)
    """Your code works for batches of 4 images only. Look for a number (4, 8) in the mask or the loop that should come
    from the shape of the input."""
    kept_from_first_batch = lambda self: self.scaled[1].masked_fill(
        vars(self.loss).setdefault("mask", own(self.scaled[1])), -INFINITY
    )
    """Something from the first batch is kept and used again for later ones, which may be smaller. Look at what you
    store in `self`: everything that depends on the batch has to be made again."""


class Logits(Given):
    """What goes into the softmax, for numerators and for denominators."""

    def right(self):
        return self.scaled[0], self.others

    @said("`F.cross_entropy` gets exponentials", "at what the cross-entropy does to its input itself")
    def exponentials_into_cross_entropy(self):
        """`F.cross_entropy` gets exponentials. Look at what it does to its input itself before it takes the
        logarithm."""
        return self.scaled[0].exp(), self.others.exp().masked_fill(self.others.isneginf(), -INFINITY)

    exponentials_and_zeros_into_cross_entropy = lambda self: (self.scaled[0].exp(), self.others.exp())
    """`F.cross_entropy` gets exponentials, and a 0 for the view itself. Look at what it does to its input itself, and
    what becomes of that 0."""

    @said("`F.cross_entropy` gets probabilities", "at what the cross-entropy does to its input itself")
    def softmax_before_cross_entropy(self):
        """`F.cross_entropy` gets probabilities: a softmax has been taken already. Look at what it does to its input
        itself."""
        return twice(self.others.softmax(1))


class Positive(Given):
    """The similarity of each view with its positive, `[2B]`."""

    def right(self):
        return self.logits[0][twin(self.logits[0])]

    @said("rows 0 and 1, 2 and 3, … are taken for pairs", "at how far apart the two views of one image end up")
    def positive_is_adjacent_row(self):
        """Rows 0 and 1, 2 and 3, … are taken for pairs. Look at how the two views are put together: how far apart do
        the two views of one image end up?"""
        return self.at(torch.arange(2 * self.size) ^ 1)

    @said("the neighbouring row is taken for the positive", "at how far apart the two views of one image end up")
    def positive_is_neighbouring_row(self):
        """The next row, or the one before, is taken for the positive. Look at how far apart the two views of one image
        end up, for instance in the offset of a diagonal or a roll."""
        return self.at(torch.arange(2 * self.size).roll(-1))

    def positive_is_the_view_itself(self):
        """Each view is taken for its own positive. Look at the column that the label of each row points to, or at the
        offset of the diagonal."""
        self.keep_own()
        return self.logits[0].diagonal()

    positive_is_the_masked_view_itself = lambda self: self.logits[1].diagonal()
    """Each view is taken for its own positive, and that entry has been masked, so the loss is infinite. Look at the
    column that the label of each row points to."""
    positive_is_the_view_itself_without_it = lambda self: self.logits[0].diagonal()
    """The numerator holds each view's similarity with itself, not with its positive. Look at which entry of each row of
    the matrix you pick."""

    def labels_of_one_half_repeated(self):
        """The labels of one half stand there for both halves, so half of the views are their own positives. Look at
        where the positive of a first view lies, and where that of a second view."""
        self.keep_own()
        return self.at(torch.arange(self.size).repeat(2))

    labels_of_one_half_repeated_and_masked = lambda self: self.logits[1].gather(
        1, torch.arange(self.size).repeat(2)[:, None]
    )[:, 0]
    """The labels of one half stand there for both halves, so for half of the views the label points to the view itself,
    which is masked: the loss is infinite. Look at where the positive of each half lies."""
    positive_one_row_off = lambda self: self.at(torch.arange(2 * self.size).roll(1 - self.size))
    """The positive of each view is off by one row. Look at the offset between the two views of one image, and at what
    removing the diagonal does to the columns."""
    positives_in_reverse_order = lambda self: self.at(torch.arange(2 * self.size).flip(0))
    """The first view of the first image is paired with the second view of the last one, and so on. Look at what `flip`
    does to the order of the rows."""
    first_column_taken_for_positive = lambda self: self.logits[1][:, 0]
    """Every label is 0, although the first column does not hold the positives; for the first row it is even masked.
    Look at what stands in column 0 of the matrix that goes into the cross-entropy."""

    def first_column_taken_for_positive_own_kept(self):
        """Every label is 0, although the first column does not hold the positives, and the diagonal is still there.
        Look at what stands in column 0 of the matrix that goes into the cross-entropy."""
        self.keep_own()
        return self.logits[0][:, 0]

    first_remaining_column_taken_for_positive = lambda self: self.left(torch.zeros(2 * self.size, dtype=torch.long))
    """The diagonal is removed and every label is 0, although the first column does not hold the positives. Look at what
    stands in column 0 of the matrix that goes into the cross-entropy."""
    labels_of_second_views_without_diagonal = lambda self: self.left(torch.arange(self.size).repeat(2))
    """The diagonal is removed, and the labels 0 … B-1 stand there for both halves, which is right for the second views
    only. Look at the columns that are left in the row of a first view."""
    labels_of_first_views_without_diagonal = lambda self: self.left(torch.arange(self.size).repeat(2) + self.size - 1)
    """The diagonal is removed, and the same labels stand there for both halves, which is right for the first views
    only. Look at the columns that are left in the row of a second view."""

    def positives_put_last_and_labels_zero(self):
        """The positives were put behind the negatives, and the labels point to the front. Look at the order in which
        the two are joined, and at the labels."""
        s = self.logits[0]
        return s[~(own(s) | twin(s))].view(len(s), -1)[:, 0]

    all_second_views_taken_for_positives = lambda self: (
        self.logits[0][: self.size, self.size :].mean().expand(2 * self.size)
    )
    """The numerator is an average over the similarities with all views of the other half, not the one of the same
    image. Look at which entries of the block are positives."""
    all_views_as_targets = lambda self: self.logits[0][~own(self.logits[0])].view(2 * self.size, -1).mean(1)
    """The logarithms of the shares of all other views are averaged, not those of the positives alone. Look at which
    entry of each row the loss is made of."""

    def own_similarity_added_to_numerator(self):
        """The view itself is counted among its positives, above and below the fraction line. Look at what the mask of
        the positives covers."""
        self.keep_own()
        return torch.logaddexp(self.logits[0][twin(self.logits[0])], self.logits[0].diagonal())

    own_view_counted_as_positive = lambda self: (self.logits[0][twin(self.logits[0])] + self.logits[0].diagonal()) / 2
    """Each view counts as a positive of itself besides the other view of its image, and the two are averaged. Look at
    what the mask of the positives covers."""

    @said("the numerator gives no gradient", "at how the positives are collected")
    def positives_copied(self):
        """The value is right, but the numerator gives no gradient. Look at how the positives are collected:
        `torch.tensor([...])`, `detach` and `no_grad` copy values without their graph."""
        return self.logits[0][twin(self.logits[0])].detach()

    positive_not_exponentiated = lambda self: self.logits[0][twin(self.logits[0])].log()
    """The numerator is the positive's similarity itself, while the denominator holds exponentials. Look at what stands
    above the fraction line."""


class Denominator(Given):
    """The logarithm of each view's denominator, `[2B]`."""

    def right(self):
        return self.logits[1].logsumexp(1)

    @common("the positive is missing from the denominator", "at which views the formula leaves out of the sum")
    def positive_left_out_of_denominator(self):
        """The denominator holds the negatives only; the positive is missing from it. Look at which views the formula
        leaves out of the sum."""
        return self.without_positive().logsumexp(1)

    @said(
        "the positive's similarity was replaced by 0 in the denominator",
        "at what the mask of the positives does to the sum",
    )
    def positive_replaced_by_zero_in_denominator(self):
        """The view itself is left out, but the positive's similarity was replaced by 0 in the denominator. Look at what
        the mask of the positives does to the sum."""
        return self.without_positive(0.0).logsumexp(1)

    @common("the positive is in the denominator twice", "at what the mask of the negatives leaves")
    def positive_counted_twice(self):
        """The positive is in the denominator twice: once by itself and once more among what you call negatives. Look at
        what the mask of the negatives leaves."""
        s = self.logits[1]
        return torch.logaddexp(s.logsumexp(1), s[twin(s)])

    @common(
        "first views are compared with second views only",
        "at how many anchors there are, and how many views each is compared with",
    )
    def negatives_from_second_views_only(self):
        """First views are compared with second views only, and the second views have no term of their own. Look at how
        many anchors there are, and how many views each is compared with."""
        return self.across(slice(self.size)).logsumexp(1)

    @said(
        "second views are compared with first views only",
        "at how many anchors there are, and how many views each is compared with",
    )
    def negatives_from_first_views_only(self):
        """Second views are compared with first views only, and the first views have no term of their own. Look at how
        many anchors there are, and at the axis of the sum."""
        return self.across(slice(self.size, None)).logsumexp(1)

    @common(
        "each view is compared with the views of the other half only", "at how many views stand in each denominator"
    )
    def negatives_from_other_view_only(self):
        """Both directions are there, but each view is compared with the views of the other half only. Look at how many
        views stand in each denominator."""
        return self.across(slice(None)).logsumexp(1)

    def negatives_from_other_view_without_positive(self):
        """Each view is compared with the views of the other half only, and its positive is missing from the
        denominator. Look at which views stand in the sum."""
        s = self.logits[1]
        return s.masked_fill(self.half() | twin(s), -INFINITY).logsumexp(1)

    def negatives_from_second_views_without_positive(self):
        """First views are compared with second views only, and the positive is missing from the denominator. Look at
        how many anchors there are, and which views stand in the sum."""
        self.rows = slice(self.size)
        return self.logits[1].masked_fill(self.half() | twin(self.logits[1]), -INFINITY)[self.rows].logsumexp(1)

    @said(
        "apart from the positive, each denominator holds only views of the anchor's own half",
        "at which of the other images' views are negatives too",
    )
    def negatives_from_own_view_only(self):
        """Beside the positive, each denominator holds only views of the anchor's own half. Look at whether views of the
        other images from the other half are negatives too."""
        s = self.logits[1]
        return s.masked_fill(~(self.half() | twin(s)), -INFINITY).logsumexp(1)

    denominator_from_own_view_only = lambda self: self.logits[1].masked_fill(~self.half(), -INFINITY).logsumexp(1)
    """Views of the anchor's own half are in the denominator, and views of the other half are not, not even the
    positive. Look at which block of the matrix you sum over."""

    def moco_queue_of_second_views(self):
        """First views meet their positive and then all second views, among which the positive stands once more. Look at
        how many anchors there are, and at what counts as a negative."""
        rest = self.across(slice(self.size))
        return torch.logaddexp(rest.logsumexp(1), self.logits[1][twin(self.logits[1])][self.rows])

    def moco_queue_of_detached_second_views(self):
        """First views meet their positive and then all second views without gradient, as if these were MoCo's queue.
        Look at the anchors and negatives of this loss, and at what carries a gradient."""
        rest = self.across(slice(self.size))[:, self.size :]
        one, other = F.normalize(self.views[0], dim=1), F.normalize(self.views[1], dim=1)
        fixed = one @ other.detach().T / self.t
        return torch.logaddexp(fixed.logsumexp(1), rest.diagonal())

    def rows_and_columns_in_one_denominator(self):
        """The denominator adds a row and a column of the similarities between first and second views; the positive is
        in both, and views of the same half are missing. Look at which views stand in the sum, and how often."""
        s = self.across(slice(self.size))[:, self.size :]
        return torch.logaddexp(s.logsumexp(1), s.logsumexp(0))

    def rows_and_columns_minus_positive(self):
        """The denominator adds a row and a column of the similarities between first and second views; views of the same
        half are missing. Look at which views each anchor is compared with."""
        s = self.across(slice(self.size))[:, self.size :]
        return torch.logaddexp(s.logsumexp(1), s.masked_fill(own(s), -INFINITY).logsumexp(0))

    @said("all views share one denominator", "at the axis of the sum")
    def one_denominator_for_all(self):
        """All views share one denominator, the sum over the whole matrix. Look at the axis of the sum: each anchor has
        a denominator of its own."""
        return self.logits[1].flatten().logsumexp(0).expand(2 * self.size)

    def negatives_of_all_rows(self):
        """Each denominator holds the negatives of all rows, not only those of its own. Look at the axis of the sum over
        the negatives."""
        rest = self.without_positive().flatten().logsumexp(0)
        return torch.logaddexp(rest, self.logits[1][twin(self.logits[1])])

    @said("the denominator is a mean", "at how the formula combines the exponentials")
    def mean_in_denominator(self):
        """The denominator is the mean of the exponentials over the other views. Look at how the formula combines
        them."""
        return self.logits[1].logsumexp(1) - math.log(2 * self.size - 1)

    @said("the denominator is a mean over the row", "at how the formula combines the exponentials")
    def mean_over_row_in_denominator(self):
        """The denominator is a mean over the whole row, with a 0 for the view itself. Look at how the formula combines
        the exponentials."""
        return self.logits[1].logsumexp(1) - math.log(2 * self.size)

    def mean_of_negatives_in_denominator(self):
        """The denominator is the positive plus the mean over the negatives. Look at how the formula combines them."""
        rest = self.without_positive().logsumexp(1) - math.log(2 * self.size - 2)
        return torch.logaddexp(rest, self.logits[1][twin(self.logits[1])])

    def mean_of_negatives_over_whole_row(self):
        """The denominator is the positive plus a mean of the negatives' exponentials over the whole row, zeros
        included. Look at how the formula combines them."""
        rest = self.without_positive().logsumexp(1) - math.log(2 * self.size)
        return torch.logaddexp(rest, self.logits[1][twin(self.logits[1])])

    mean_of_negatives_without_positive = lambda self: self.without_positive().logsumexp(1) - math.log(2 * self.size - 2)
    """The denominator is the mean over the negatives; the positive is missing from it, and the formula has a sum. Look
    at what stands below the fraction line."""
    logarithms_summed_in_denominator = lambda self: self.scaled[1].masked_fill(own(self.scaled[1]), 0.0).sum(1)
    """The logarithm is taken of each exponential, before the sum over the other views, and undoes it. Look at the order
    of logarithm and sum in the denominator."""

    def negatives_added_without_exponentials(self):
        """The similarities of the negatives are added up as they are, without exponentials and logarithm. Look at how
        the formula combines them."""
        s = self.scaled[1]
        return s.masked_fill(own(s) | twin(s), 0.0).sum(1)

    def negatives_averaged(self):
        """The positive's similarity is subtracted from the mean similarity of the negatives, without exponentials and
        logarithm. Look at how the formula combines the negatives."""
        s = self.scaled[1]
        return s.masked_fill(own(s) | twin(s), 0.0).sum(1) / (len(s) - 2)

    def others_averaged_without_exponentials(self):
        """The positive's similarity is subtracted from the mean similarity of all other views, without exponentials and
        logarithm. Look at how the formula combines the other views."""
        s = self.scaled[1]
        return s.masked_fill(own(s), 0.0).sum(1) / (len(s) - 1)

    own_term_subtracted_without_temperature = lambda self: (self.scaled[1].exp().sum(1) - math.e).log()
    """To take the view itself out, exp(1) is subtracted from the sum. Look at what a view's own term really is in that
    sum: its similarity has gone through the same steps as all others."""
    one_subtracted_from_denominator = lambda self: (self.scaled[1].exp().sum(1) - 1).log()
    """To take the view itself out, 1 is subtracted from the sum of exponentials. Look at what a view's own term really
    is in that sum."""
    hardest_negative_only = lambda self: torch.logaddexp(
        self.without_positive().amax(1), self.logits[1][twin(self.logits[1])]
    )
    """Of all negatives only the most similar one is in the denominator. Look at whether you take a maximum where the
    formula has a sum."""
    maximum_for_sum = lambda self: self.logits[1].amax(1)
    """The largest similarity of each row stands where the logarithm of the sum of exponentials should. Look at how the
    formula combines the other views."""
    maximum_of_negatives_for_sum = lambda self: self.without_positive().amax(1)
    """The most similar negative stands where the logarithm of the sum of exponentials should. Look at how the formula
    combines the other views."""

    def maximum_subtracted_in_denominator_only(self):
        """The largest similarity is subtracted in the denominator but not in the numerator, so it does not cancel. Look
        at both parts of the fraction."""
        largest = self.scaled[1].amax(1, keepdim=True).detach()
        return (self.logits[1] - largest).logsumexp(1)

    logarithm_of_denominator_missing = lambda self: self.logits[1].logsumexp(1).exp()
    """The positive's similarity is subtracted from the denominator itself, not from its logarithm. Look at both halves
    of the logarithm of a fraction."""

    @said("the negatives give no gradient", "at how they are collected")
    def negatives_copied(self):
        """The value is right, but the negatives give no gradient, so nothing keeps images apart. Look at how they are
        collected: `torch.tensor([...])`, `detach` and `no_grad` copy values without their graph."""
        rest = self.without_positive().logsumexp(1).detach()
        return torch.logaddexp(rest, self.logits[1][twin(self.logits[1])])

    @said("the whole denominator gives no gradient", "at how it is computed")
    def denominator_copied(self):
        """The value is right, but the whole denominator gives no gradient. Look at how it is computed:
        `torch.tensor([...])`, `detach` and `no_grad` give values without their graph."""
        return self.logits[1].logsumexp(1).detach()


class Fraction(Given):
    """Minus the logarithm of each view's fraction."""

    def right(self):
        return self.denominator - self.positive[self.rows]

    positive_added = lambda self: self.denominator + self.positive[self.rows]
    """The positive's similarity is added where it should be subtracted, so pairs are driven apart. Look at the sign
    that each part of a logarithm of a fraction gets."""
    numerator_missing = lambda self: self.denominator
    """Only the denominator is there; the positive's own part of the loss is missing. Look at what stands above the
    fraction line."""
    numerator_missing_and_sign = lambda self: -self.denominator
    """The result is minus the logarithm of the denominator alone: the positive's part is missing. Look at what stands
    above the fraction line, and at the sign of each part."""
    negatives_ignored = lambda self: -self.positive
    """Only positive pairs enter the result; nothing is divided by the sum over the other views. Look at whether the
    normaliser of the softmax is there (`nll_loss` does not compute it)."""
    positives_alone_without_sign = lambda self: self.positive
    """The result is the mean similarity of the positive pairs: the sign of a loss is missing, and nothing is divided by
    the sum over the other views. Look at what the formula subtracts from what."""
    product_for_fraction = lambda self: -(self.denominator + self.positive[self.rows])
    """The positive's exponential is multiplied by the denominator where it should be divided. Look at what the formula
    takes the logarithm of."""


class Anchors(Given):
    """The terms of the views that have one."""

    def right(self):
        return self.fraction

    @common("only the first views have a term", "at how many rows the mean runs over")
    def first_views_as_anchors_only(self):
        """Only the first views have a term in the mean. Look at how many rows the mean runs over: every one of the 2B
        views is an anchor once."""
        return self.fraction[: self.size]

    @said("only the second views have a term", "at how many rows the mean runs over")
    def second_views_as_anchors_only(self):
        """Only the second views have a term in the mean. Look at how many rows the mean runs over: every one of the 2B
        views is an anchor once."""
        return self.fraction[-self.size :]

    first_views_summed_over_all = lambda self: torch.cat([self.fraction[: self.size], 0 * self.fraction[self.size :]])
    """Only the first views have a term, and their sum is divided by the number of all views. Look at how many rows have
    a term, and at what the sum is divided by."""
    second_views_summed_over_all = lambda self: torch.cat([0 * self.fraction[: self.size], self.fraction[self.size :]])
    """Only the second views have a term, and their sum is divided by the number of all views. Look at how many rows
    have a term, and at what the sum is divided by."""
    last_pair_left_out = lambda self: self.fraction.view(-1, self.size)[:, :-1].flatten()
    """The last image has no term in the mean. Look at where the loop or the slice over the batch ends."""
    first_image_over_all = lambda self: self.fraction[:1] / (2 * self.size)
    """Only the first view of the first image has a term, and it is divided by the number of all views. Look at the
    indentation of `return`."""
    first_image_only = lambda self: self.fraction[0]
    """Only the first view of the first image has a term. Look at the indentation of `return`, or at the index after the
    loss of each row."""


class Logarithm(Given):
    """What becomes of the fractions' logarithms before they are averaged."""

    def right(self):
        return self.anchors

    @said("the logarithm is missing", "at what stands between the fraction and the mean")
    def logarithm_missing(self):
        """The logarithm is missing: the result is minus the mean share of the positive. Look at what stands between the
        fraction and the mean; some PyTorch losses expect logarithms as input."""
        return -(-self.anchors).exp()

    logarithm_missing_one_minus = lambda self: 1 - (-self.anchors).exp()
    """The result is 1 minus the mean share of the positive. Look at what the formula takes of that share."""

    @said("the mean is taken before the logarithm", "at the order of mean and logarithm")
    def logarithm_of_mean(self):
        """The mean over views is taken first and the logarithm afterwards. Look at the order of the two: the logarithm
        of a mean is not the mean of logarithms."""
        return -(-self.anchors).exp().mean().log()

    logarithm_of_sum = lambda self: -(-self.anchors).exp().sum().log()
    """The fractions of all views are added up and one logarithm is taken of the sum. Look at the order of sum and
    logarithm."""
    ratio_of_sums = lambda self: self.denominator.logsumexp(0) - self.positive.logsumexp(0)
    """All numerators and all denominators are added up before one is divided by the other. Each view has a fraction of
    its own: look at the axes of the sums."""
    logarithm_of_base_2 = lambda self: self.anchors / math.log(2)
    """The logarithm has base 2. Look at which logarithm undoes the exponentials in the formula."""
    logarithm_of_base_10 = lambda self: self.anchors / math.log(10)
    """The logarithm has base 10. Look at which logarithm undoes the exponentials in the formula."""
    logarithm_guarded = lambda self: -((-self.anchors).exp() + 1e-6).log()
    """Something is added to a probability before its logarithm, which is more than some probabilities are. Look for a
    small number inside `log`; a log-softmax or a log-sum-exp needs none."""
    exponential_for_logarithm = lambda self: -(-self.anchors).exp().exp()
    """The exponential was taken in place of the logarithm at the end. Look at what stands between the fraction and the
    mean."""


class Sign(Given):
    """The side on which less is better."""

    def right(self):
        return self.logarithm

    @said("the sign is the wrong way round", "at the minus that got lost or stands twice")
    def sign_missing(self):
        """The sign of the loss is the wrong way round: it is smallest where pairs are least alike. Look for a minus
        that got lost or stands twice."""
        return -self.logarithm


class Mean(Given):
    """One number of all terms."""

    def right(self):
        return self.sign.mean()

    @common("the terms are added up without being averaged", "at the reduction at the end")
    def sum_for_mean(self):
        """The terms of all views are added up without being averaged. Look at the reduction at the end."""
        return self.sign.sum()

    divided_by_number_of_pairs = lambda self: self.sign.mean() / (2 * self.size - 1)
    """The sum of the terms is divided by the number of all pairs of different views. Look at how many terms there
    are."""
    divided_by_squared_number_of_views = lambda self: self.sign.mean() / (2 * self.size)
    """The sum of the terms is divided by the number of entries of the whole matrix. Look at how many terms there are,
    or for a mean and a division one after the other."""
    mean_divided_by_batch_size = lambda self: self.sign.mean() / self.size
    """The mean is divided by B once more. Look for a mean and a division one after the other."""
    divided_by_number_of_features = lambda self: self.sign.sum() / self.z1.shape[1]
    """The sum of the terms is divided by the number of features. Look at which axis of the embeddings counts the
    images."""
    divided_by_8 = lambda self: self.sign.sum() / 8
    """The sum of the terms is divided by 8, whatever the size of the batch. Look for a number in your code that should
    come from the shape of the input."""
    one_view_too_few_in_mean = lambda self: self.sign.sum() / (2 * self.size - 1)
    """The sum of the terms is divided by 2B - 1. Look at how many views are anchors: those in one denominator are one
    fewer."""

    @said("one number per view comes back", "at the last step")
    def not_reduced(self):
        """One number per view comes back. Look at whether the result of the last step is a single number."""
        return self.sign

    column_returned = lambda self: self.sign[:, None]
    """One number per view comes back, in a column. Look at whether the result of the last step is a single number."""


class Factor(Given):
    """What multiplies the finished loss."""

    def right(self):
        return self.weight * self.mean

    @common("the result is twice as large as it should be", "at what the sum over all views is divided by")
    def divided_by_number_of_images(self):
        """The result is twice as large as it should be: a sum over all views divided by B, or two means added up. Look
        at how many terms there are and what their sum is divided by."""
        return 2 * self.weight * self.mean

    @common("the result is half as large as it should be", "at the factors before the mean")
    def halved(self):
        """The result is half as large as it should be. Look for a factor 1/2 that stands next to a mean over all views,
        or a division by 4B."""
        return self.weight * self.mean / 2

    temperature_multiplies_the_loss = lambda self: self.mean * self.t
    """The finished loss is multiplied by the temperature once more, as some variants do. Look for a factor outside the
    logarithm that the formula does not have."""
    twice_temperature_multiplies_the_loss = lambda self: self.mean * 2 * self.t
    """The finished loss is multiplied by twice the temperature, as MoCo v3 does. Look for a factor outside the
    logarithm that this formula does not have."""
    loss_divided_by_temperature_too = lambda self: self.mean / self.t
    """The similarities are divided by the temperature, and then the finished loss is divided by it again. Look at how
    often it stands in the formula."""
    base_temperature_divides_the_loss = lambda self: self.mean * self.t / 0.07
    """The loss is multiplied by the temperature over 0.07, as in the code of supervised contrastive learning. Look for
    a factor outside the logarithm that this formula does not have."""


class Result(Given):
    """What is returned."""

    def right(self):
        return self.factor

    @said("no gradient reaches either view", "at where `detach`, `no_grad` or a new tensor cuts the graph")
    def graph_cut(self):
        """The value is right, but no gradient reaches either view. Look for `no_grad`, `detach`, `data` or a new
        tensor (`torch.tensor`, NumPy); `requires_grad_()` on the result does not bring the graph back."""
        return self.factor.detach()

    @said("a plain number comes back, without a graph", "at what is done to the result near the end")
    def number_returned(self):
        """A plain number comes back, so there is nothing to differentiate. Look for `item()`, `float()` or NumPy near
        the end."""
        return self.factor.item()

    nothing_returned = lambda self: None
    """The function returns None. Look at its last line, and at the branches that end without `return`."""
    tuple_returned = lambda self: (self.factor,)
    """A tuple comes back where the loss alone is asked for. Look at what stands behind `return`: a stray comma makes a
    tuple too."""
    list_returned = lambda self: list(self.sign)
    """A list comes back where one tensor is asked for. Look at what becomes of the terms that you collect."""
    dict_returned = lambda self: {"loss": self.factor}
    """A dict comes back where the loss alone is asked for. Look at what stands behind `return`."""
    shape_1_returned = lambda self: self.factor.view(1)
    """The value is right, but it comes in a tensor of shape [1], not in a 0-d one. Look for `view(1)`, `keepdim` or a
    start value with an axis."""
    shape_1_1_returned = lambda self: self.factor.view(1, 1)
    """The value is right, but it comes in a tensor of shape [1, 1], not in a 0-d one. Look for `keepdim`, or a product
    of two matrices at the end."""


class Whole(Given):
    """Mistakes that are not compositions: another loss, or an exception."""

    align_loss_for_contrastive = lambda self: -F.cosine_similarity(self.z1, self.z2, dim=1).mean()
    """This is the align loss: it has neither negatives nor a temperature. Look at which of the two losses this function
    is to return."""
    cosine_without_sign = lambda self: F.cosine_similarity(self.z1, self.z2, dim=1).mean()
    """This is the mean cosine of the two views of each image: without negatives, without a temperature, and largest
    where they agree. Look at which of the two losses this function is to return."""
    squared_distance_of_pairs = lambda self: (2 - 2 * F.cosine_similarity(self.z1, self.z2, dim=1)).mean()
    """This is BYOL's squared distance of the two views of each image: it has neither negatives nor a temperature. Look
    at which of the two losses this function is to return."""
    squared_error_of_pairs = lambda self: F.mse_loss(self.z1, self.z2)
    """This is the mean squared error of the two views: it has neither negatives nor a temperature. Look at which of the
    two losses this function is to return."""
    moco_v3_loss = lambda self: 2 * self.t * (self.one_way()[0].mean() + self.one_way()[1].mean())
    """This is MoCo v3's loss: each view is compared with the other half only, and twice the temperature multiplies the
    sum of both directions. Look at which views stand in each denominator, and at the factor."""
    moco_v3_loss_of_one_direction = lambda self: 2 * self.t * self.one_way()[0].mean()
    """This is one direction of MoCo v3's loss: first views are compared with second views only, and twice the
    temperature multiplies the mean. Look at the anchors, the denominators and the factor."""

    def views_put_side_by_side(self):
        """The two views of an image were joined into one long row, so there are B rows in place of 2B and no row has a
        positive. Look at the axis along which the views are put together."""
        z = F.normalize(torch.cat([self.z1, self.z2], dim=1), dim=1)
        s = z @ z.T / self.t
        return (s.logsumexp(1) - s.diagonal()).mean()

    def exponential_missing(self):
        """The similarities go into the fraction as they are, so the logarithm meets negative numbers. Look at what the
        formula does to each similarity before it is summed."""
        s = self.similar()
        return -(s[twin(s)] / s.masked_fill(own(s), 0).sum(1)).log().mean()

    def binary_cross_entropy_of_pairs(self):
        """Every pair of views is judged by itself, positive or not, by a binary cross-entropy. In the formula the other
        views compete in one denominator: look at that."""
        s = self.similar()
        return F.binary_cross_entropy_with_logits(s[~own(s)], twin(s)[~own(s)].to(s.dtype))

    binary_cross_entropy_of_whole_matrix = lambda self: F.binary_cross_entropy_with_logits(
        self.similar(), twin(self.similar()).to(self.z1.dtype)
    )
    """Every entry of the matrix, the diagonal included, is judged by itself by a binary cross-entropy. In the formula
    the other views compete in one denominator: look at that."""

    def margin_to_hardest_negative(self):
        """This is a triplet loss: the hardest negative, a margin of 0.5, and no exponentials. Look at how the formula
        combines the negatives."""
        s = self.similar() * self.t
        hardest = s.masked_fill(own(s) | twin(s), -INFINITY).amax(1)
        return F.relu(hardest - s[twin(s)] + 0.5).mean()

    def targets_smoothed(self):
        """The targets are smoothed, so a tenth of the loss asks for the other views. Look at the arguments of the
        cross- entropy."""
        s = self.similar()
        return F.cross_entropy(s.masked_fill(own(s), -1e9), index(s), label_smoothing=0.1)

    def targets_smoothed_over_the_view_itself(self):
        """Label smoothing puts weight on the view itself, whose logit is minus infinity, so the loss is infinite. Look
        at the arguments of the cross-entropy: the targets are not to be smoothed."""
        s = self.similar()
        return F.cross_entropy(s.masked_fill(own(s), -INFINITY), index(s), label_smoothing=0.1)

    def autocast_in_the_loss(self):
        """The result has bfloat16's three digits. Look for `autocast`: a loss is computed in the dtype of its input."""
        with torch.autocast(self.z1.device.type, dtype=torch.bfloat16):
            s = self.similar()
            return F.cross_entropy(s.masked_fill(own(s), -INFINITY), index(s))

    def changed_what_the_gradient_needs(self):
        """A tensor is changed in place after PyTorch has kept it for the gradient, so `backward()` raises. Look for
        `/=`, `fill_diagonal_` and assignments to slices, on `z1` and `z2` or on the result of `exp`."""
        weights = self.similar().exp()
        weights.fill_diagonal_(0)
        return -(weights[twin(weights)] / weights.sum(1)).log().mean()

    def diagonals_of_wrong_length(self):
        """A `view` does not have as many places as there are entries. Look at how many entries each diagonal and each
        mask takes out of the matrix: an offset of 0 takes the main diagonal."""
        s = self.similar()
        return torch.cat([s.diagonal(), s.diagonal(-self.size)]).view(len(s), 1).mean()

    def transpose_missing(self):
        """Two matrices are multiplied although the columns of the first are not as many as the rows of the second. Look
        at the axes of the embeddings in the product: which ones have to meet?"""
        z = torch.cat([self.z1, self.z2])
        return F.cross_entropy(z @ z, index(z))

    name_unknown = lambda self: self.similar() / temperature  # noqa: F821  # that the name is unknown is the mistake
    """A name is used that this function does not know. What the class keeps, such as the temperature, is reached
    through `self`; look at the name in the message, and at how it is spelled where it is made."""
    moved_to_cuda = lambda self: self.similar().masked_fill(own(self.similar()).cuda(), -INFINITY).logsumexp(1).mean()
    """A tensor is moved to a GPU, and this machine has none. Look for `cuda`: new tensors belong on the device that the
    input is on."""
    numpy_of_tensor_with_graph = lambda self: self.similar().sum().requires_grad_().numpy()
    """NumPy cannot take a tensor that is part of a graph, and it would cut the graph. Look for `numpy()` and NumPy
    functions: PyTorch has the same ones."""

    def label_out_of_range(self):
        """A label names a column that the cross-entropy's matrix does not have. Count the columns: removing the
        diagonal takes one, and blocks and wrong axes take more. Then look at what that does to the labels."""
        s = self.similar()
        return F.cross_entropy(s[~own(s)].view(len(s), -1), index(s))

    def labels_of_another_number(self):
        """The cross-entropy's matrix does not have as many rows as there are labels. Look at how the views are put
        together, and count both."""
        z = F.normalize(torch.cat([self.z1, self.z2], dim=1), dim=1)
        return F.cross_entropy(z @ z.T, torch.arange(2 * self.size))

    def labels_for_4_images(self):
        """Your labels are made for batches of 4 images. Look for a number (4, 8) that should come from the shape of the
        input."""
        s = self.similar()
        return F.cross_entropy(s.masked_fill(own(s), -INFINITY), torch.arange(8).roll(4))

    def shapes_that_do_not_fit(self):
        """Two tensors of different shapes are combined entry by entry. Look at the shape of a norm or a sum: without
        `keepdim` it loses an axis; then look at the sizes of masks."""
        z = torch.cat([self.z1, self.z2])
        return (z / z.norm(dim=1)).mean()


STAGES = (
    *(Views, Unit, Products, Scaled, Others, Logits, Positive, Denominator),
    *(Fraction, Anchors, Logarithm, Sign, Mean, Factor, Result),
)
