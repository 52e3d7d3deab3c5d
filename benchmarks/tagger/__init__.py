"""How well the tagger sees, beside what else can be had: `python -m benchmarks tagger`.

Fields of public repositories, labelled by hand, are given to the tagger and to each peer without their labels. Three
repositories are set aside: they are scored only with `--set-aside`, and no word of theirs is printed or written.
"""
