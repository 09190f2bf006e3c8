"""STAGE 2, UNTRUSTED: a submission becomes answers. The threat model is in README.md next to this file."""
