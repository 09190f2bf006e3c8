"""Grades submissions one by one, here or on a cluster; and lets the kit grade itself."""
