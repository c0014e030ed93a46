"""The commands of `vcf-engine`, one file each: each offers `add(subparsers)` and a function that runs it."""
