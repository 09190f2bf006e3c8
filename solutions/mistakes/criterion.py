"""Known mistakes in the losses of `criterion.py`, gathered from the files beside this one."""

from __future__ import annotations

from mistakes.criterion_align import *  # noqa: F403
from mistakes.criterion_align_relatives import *  # noqa: F403
from mistakes.criterion_align_values import *  # noqa: F403
from mistakes.criterion_barlow import *  # noqa: F403
from mistakes.criterion_denominator import *  # noqa: F403
from mistakes.criterion_errors import *  # noqa: F403
from mistakes.criterion_fraction import *  # noqa: F403
from mistakes.criterion_guards import *  # noqa: F403
from mistakes.criterion_other_losses import *  # noqa: F403
from mistakes.criterion_pixels import *  # noqa: F403
from mistakes.criterion_positive import *  # noqa: F403
from mistakes.criterion_queue import *  # noqa: F403
from mistakes.criterion_result import *  # noqa: F403
from mistakes.criterion_similarity import *  # noqa: F403
from mistakes.criterion_temperature import *  # noqa: F403
from mistakes.criterion_three import *  # noqa: F403
from mistakes.criterion_two_align import *  # noqa: F403
from mistakes.criterion_two_align_values import *  # noqa: F403
from mistakes.criterion_two_denominator import *  # noqa: F403
from mistakes.criterion_two_direction import *  # noqa: F403
from mistakes.criterion_two_own import *  # noqa: F403
from mistakes.criterion_two_result import *  # noqa: F403
from mistakes.criterion_two_similarity import *  # noqa: F403
