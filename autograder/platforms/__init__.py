"""Stage 1: a platform's download, or a plain folder, becomes Submissions. One file per platform, in `known/`."""
