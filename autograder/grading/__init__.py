"""One submission is graded, here or on a cluster; and the kit grades itself."""
