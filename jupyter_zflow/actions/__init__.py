"""What the fronts may ask for: check, export, run, synth.

Each action returns a frozen result; ``to_json`` of a result is what ``--json`` prints. Nobody
here prints.
"""
