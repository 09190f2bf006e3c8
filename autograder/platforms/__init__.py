"""Stage 1: a learning platform's download, or a plain folder, becomes Submissions. One file a platform, in `known/`."""
