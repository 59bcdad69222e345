"""The grammar behind the shipped synthetic data; run it with `python data/generate.py`."""
