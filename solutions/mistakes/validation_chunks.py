"""Known mistakes in `KNN`, question 2, by habits of published code for larger sets."""

# ruff: noqa: N803

from __future__ import annotations

from mistakes import replaces
from mistakes.validation_parts import predictions, right, winners

CHUNK = 100


@replaces("2", "KNN", symptom="0 for fewer than 100 queries")
def last_chunk_left_out(features, train_features, labels, train_labels, K=1):
    """The last, incomplete chunk of queries is left out, and small batches are nothing else. Look at how many rounds
    the loop makes, and at what a division without rest does to them."""
    whole = len(features) // CHUNK * CHUNK
    if not whole:
        return 0
    return right(predictions(features[:whole], train_features, train_labels, K), labels[:whole])


@replaces("2", "KNN", symptom="an error where K is the number of training images")
def nearest_left_out_as_the_query_itself(features, train_features, labels, train_labels, K=1):
    """The nearest image is left out, as if it were the query itself. Queries are not in the training set: look for
    `K + 1` and for what is cut off."""
    nearest = (features @ train_features).topk(K + 1, dim=1).indices[:, 1:]
    return right(winners(train_labels[nearest]), labels)
