"""Call the student's functions on given inputs and return the values: one file per student file; judge nothing.

Each probe is `name(module, arrays, params) -> dict`: `module` the student's imported file, `arrays` the inputs as
tensors, `params` plain values. `handout build` copies this folder into the assignment, so that the public checks
call a function exactly as the grader does.
"""
