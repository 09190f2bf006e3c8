"""Habits that cost points, and what the student must read."""

from __future__ import annotations

from tests.habits.habit import Habit
from tests.sample_class import RIGHT

STUB = 'raise NotImplementedError("Question {} is not implemented yet")'
KNN = "def KNN(features, train_features, labels, train_labels, K=1):"
SIGNATURE = "The signature was changed; it must be `def KNN(features, train_features, labels, train_labels, K=1)`."
APPLE, NVIDIA = "An Apple GPU (mps) is asked for; there is none", "An NVIDIA GPU (cuda) is asked for; there is none"
HEAD = "def KNN(features: Tensor, train_features: Tensor, labels: Tensor, train_labels: Tensor, K: int = 1) -> int:"

HABITS = (
    Habit(
        "stub left above",
        answers={"2": STUB.format("2") + RIGHT["2"].rstrip().replace("\n        ", "\n")},
        lost={"2": 0},
        says="There is code around the stub's `raise` in line ",
    ),
    Habit(
        "function twice",
        "validation.py",
        bottom=f"\n{KNN}\n    {STUB.format('2')}\n",
        lost={"2": 0},
        says="KNN is defined twice, in lines ",
    ),
    Habit(
        "small letters",
        "validation.py",
        replace={HEAD: HEAD.replace("KNN", "knn")},
        lost={"2": 0},
        says="validation.py does not define KNN; it defines knn (line ",
    ),
    Habit(
        "class in other letters",
        replace={"class SSLLoss(": "class SSLloss("},
        lost={"1.2": 0, "1.3": 0},
        broken=True,
        says="criterion.py does not define SSLLoss; it defines SSLloss (line ",
    ),
    Habit(
        "under the main guard",
        "validation.py",
        lost={"2": 0},
        says="KNN is defined under `if __name__ …` (line ",
        replace={HEAD: f"if __name__ == '__main__':\n  {HEAD}"},
    ),
    Habit(
        "arguments in another order",
        "validation.py",
        lost={"2": 0},
        says=SIGNATURE,
        replace={HEAD: "def KNN(features, labels, train_features, train_labels, K=1):"},
    ),
    Habit(
        "fewer arguments",
        "validation.py",
        replace={HEAD: "def KNN(features, train_features, labels):"},
        answers={"2": "return 1"},
        lost={"2": 0},
        says=SIGNATURE,
    ),
    Habit("mps", answers={"1.2": "return torch.ones(2, device='mps').sum()"}, lost={"1.2": 0}, says=APPLE),
    Habit("to mps", answers={"1.3": "return z1.to('mps').sum()"}, lost={"1.3": 0}, says=APPLE),
    Habit("cuda", answers={"1.3": "return z1.cuda().sum()"}, lost={"1.3": 0}, says=NVIDIA),
    Habit("cuda in KNN", "validation.py", answers={"2": "return features.cuda().sum()"}, lost={"2": 0}, says=NVIDIA),
    Habit("cuda at the margin", "main.py", top="torch.ones(1).cuda()", lost={"1.4": 0}, says=NVIDIA),
    Habit("exit in an answer", answers={"1.3": "exit()"}, lost={"1.3": 0}, says="criterion.py ends the program (line "),
    Habit(
        "input in an answer", answers={"1.3": "input()"}, lost={"1.3": 0}, says="criterion.py waits for input (line "
    ),
    Habit(
        "exit at the top", "main.py", top="exit()", lost={"1.4": 0}, says="main.py ends the program when it is imported"
    ),
    Habit(
        "argument required at the top",
        "validation.py",
        lost={"2": 0},
        top="import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\np.parse_args()",
        broken=True,
        says="validation.py ends the program when it is imported (line ",
    ),
    Habit(
        "their own NotImplementedError",
        answers={"1.3": "raise NotImplementedError('TODO')"},
        lost={"1.3": 0},
        says="NotImplementedError: TODO",
    ),
    Habit(
        "in place",
        answers={"1.3": "x = z1.exp(); x += 1\nreturn (x + z1.exp().mul_(2)).sum()"},
        lost={"1.3": 0},
        says="A tensor that the gradient still needs is changed in place.",
    ),
    Habit(
        "no no_grad",
        "main.py",
        lost={"1.4": 0},
        says="A parameter that requires gradients is changed in place.",
        answers={
            "1.4": "for o, t in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):\n"
            "    t.requires_grad_(); t.mul_(m).add_(o, alpha=1 - m)"
        },
    ),
    Habit(
        "relative import",
        "model_factory.py",
        top="from .networks import build_encoder",
        lost={"1.1": 0},
        broken=True,
        says="ImportError: attempted relative import with no known parent package",
    ),
    Habit(
        "syntax error",
        "validation.py",
        bottom="\nif True\n",
        lost={"2": 0},
        broken=True,
        says="SyntaxError: expected ':'",
    ),
    Habit(
        "tabs amid blanks",
        "validation.py",
        bottom="\ndef f():\n    x = 1\n\ty = 2\n",
        lost={"2": 0},
        broken=True,
        says="Error: ",
    ),
    Habit(
        "fc replaced",
        "main_linclis.py",
        answers={"3": "model.fc = nn.Sequential(nn.BatchNorm1d(8), model.fc)"},
        lost={"3": 0},
        says="fc was replaced by a Sequential, which is not an nn.Linear.",
    ),
    Habit(
        "uses a missing library",
        answers={"1.3": "import einops_is_not_there as e\nreturn e.reduce(z1)"},
        lost={"1.3": 0},
        says="`einops_is_not_there` is not installed ",
    ),
    Habit(
        "workers",
        answers={"1.3": "from torch.utils.data import DataLoader\nfor x in DataLoader(range(4), num_workers=2): pass"},
        lost={"1.3": 0},
        says="New processes cannot be started while grading",
    ),
    Habit(
        "pool",
        answers={"1.3": "import multiprocessing\nwith multiprocessing.Pool(2) as p: p.map(abs, [1])"},
        lost={"1.3": 0},
        says="New processes cannot be started while grading",
    ),
    Habit("None", answers={"1.3": "loss = -F.cosine_similarity(z1, z2).mean()"}, lost={"1.3": 0}),
    Habit("string", "validation.py", answers={"2": "return 'seven'"}, lost={"2": 0}),
    Habit(
        "an object that breaks",
        "validation.py",
        lost={"2": 0},
        answers={
            "2": "class Odd:\n    def __len__(self): raise ValueError\n    __str__ = __repr__ = __len__\nreturn Odd()"
        },
    ),
    Habit("list instead of a dict", "model_factory.py", answers={"1.1": "return [1]"}, lost={"1.1": 0}),
    Habit("mixed up words", answers={"1.3": "return cosine(z1, z2)"}, lost={"1.3": 0}, says="NameError: name 'cosine'"),
    Habit(
        "no longer in the class",
        lost={"1.3": 0},
        bottom="\ndef align_loss(self, z1, z2):\n    return 1\n",
        answers={"1.3": STUB.format("1.3")},
        says="align_loss stands at the margin (line ",
    ),
    Habit("left to another question", answers={"1.3": STUB.format("1.2")}, lost={"1.3": 0}),
    Habit(
        "untouched", answers={"1.3": STUB.format("1.3")}, lost={"1.3": 0}, says="Question 1.3 is not implemented yet"
    ),
)
